import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The users of the machine are nobody's business inside, and a program that asks who it is must get an answer. */
const FILES: Readonly<Record<string, string>> = {
  // Java takes a home of this length for none, and uses HOME: java_props_md.c.
  passwd: 'root:x:0:0:root:/:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/:/bin/sh\n',
  group: 'root:x:0:\nnogroup:x:65534:\n',
  hosts: '127.0.0.1 localhost sandbox\n::1 localhost sandbox\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n',
};

/** The files of /etc that are made for the inside, in a directory of the coordinator's outside. */
export class InsideFiles {
  private temporary: string | null = null;

  /** @param folder where they are kept; null: in a new directory, until `remove` */
  constructor(private readonly folder: string | null) {}

  /** Where each is outside, by where it is inside. Makes them, also when somebody has tidied them away. */
  ensure(): Readonly<Record<string, string>> {
    const folder = this.ensureFolder();
    const names = Object.entries(FILES);
    for (const [name, text] of names) {
      if (!existsSync(join(folder, name))) writeFileSync(join(folder, name), text, { mode: 0o444 });
    }
    return Object.fromEntries(names.map(([name]) => [`/etc/${name}`, join(folder, name)]));
  }

  remove(): void {
    if (this.temporary !== null) rmSync(this.temporary, { recursive: true, force: true });
    this.temporary = null;
  }

  private ensureFolder(): string {
    if (this.folder !== null) {
      mkdirSync(join(this.folder, 'sandbox'), { recursive: true, mode: 0o700 });
      return join(this.folder, 'sandbox');
    }
    if (this.temporary === null || !existsSync(this.temporary)) {
      this.temporary = mkdtempSync(join(tmpdir(), 'mosaic-sandbox-'));
    }
    return this.temporary;
  }
}
