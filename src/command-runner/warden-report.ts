import type { Duplex, Readable } from 'node:stream';

/** Whether the program could be started: the words of the warden. */
export type WardenStart = 'started' | 'missing' | 'forbidden';

const STARTS: ReadonlySet<string> = new Set<WardenStart>(['started', 'missing', 'forbidden']);
/** More was never sent by the warden, whatever stands at the other end. */
const MOST_CHARACTERS = 100;
const LEFT = /^left (\d{1,7})$/;

/** Reads what the warden tells. What makes no sense is passed over. */
export class WardenReport {
  /** Null when the sandbox ended before its warden began. */
  readonly start: Promise<WardenStart | null>;
  /** How many processes the program left behind; 0 when nothing was told. Resolves when the warden is gone. */
  readonly leftBehind: Promise<number>;

  /**
   * @param channel the other end of the warden's descriptor
   * @param settle waits as long as what the program started may outlive it
   */
  constructor(channel: Duplex, settle: () => Promise<void>) {
    let text = '';
    let left = 0;
    let tellStart: (start: WardenStart | null) => void = () => undefined;
    this.start = new Promise((resolve) => (tellStart = resolve));
    const read = (line: string): void => {
      if (STARTS.has(line)) tellStart(line as WardenStart);
      if (line === 'left') void settle().then(() => channel.write('\n'));
      left = Number(LEFT.exec(line)?.[1] ?? left);
    };
    channel.setEncoding('utf8');
    // A warden that is killed resets it, and one that is gone cannot be answered.
    channel.on('error', () => undefined);
    channel.on('data', (chunk: string) => {
      const lines = `${text}${chunk}`.split('\n');
      text = lines.pop() ?? '';
      lines.forEach(read);
      if (text.length > MOST_CHARACTERS) channel.destroy();
    });
    this.leftBehind = new Promise((resolve) => {
      channel.once('close', () => {
        tellStart(null);
        resolve(left);
      });
    });
  }
}

const CHILD_PID = /"child-pid"\s*:\s*(\d{1,10})\b/;

/** The process id of a namespace's first process, as bubblewrap's `--info-fd` tells it; null when it tells none. */
export function readNamespacePid(stream: Readable): Promise<number | null> {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('error', () => undefined);
  return new Promise((resolve) => {
    stream.on('data', (chunk: string) => {
      text += chunk;
      const pid = CHILD_PID.exec(text)?.[1];
      if (pid !== undefined) resolve(Number(pid));
    });
    stream.once('close', () => resolve(null));
  });
}
