import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../kernel/index.js';
import { holdFile, MAX_FILE_BYTES } from './checkout-file.js';
import type { ReadBaseFile } from './detected-gate.js';
import { KNOWN_AT_TOP, gateFileKind, type GateFileKind } from './gate-files.js';
import { movedPackage, placesFile } from './moved-packages.js';
import type { FileOfCommit, GateSubject } from './quality-gates.types.js';
import { readPlainFile } from './report-file.js';
import { restoredManifest } from './restored-manifest.js';
import { restoredPyproject } from './restored-pyproject.js';

/** Which gate files of a checkout were not those of its base commit, or in one sentence why they cannot be had. */
export type OverlaidFiles = { readonly touched: readonly string[] } | { readonly problem: string };

/** What a commit and its base are told by. */
export type OverlaySubject = Pick<GateSubject, 'checkout' | 'readBaseFile' | 'changedFiles' | 'listBaseFiles'>;

/**
 * Puts the files that define gates into a checkout as its base commit has them. Those that the base commit does not have
 * are removed, unless they lie in a folder that it does not have either: what is set up there is the new folder's own.
 *
 * Where nobody tells which files the commit changes, what lies at the top is looked at and no more.
 *
 * @throws {Error} if the base commit cannot be read
 */
export async function overlayGateFiles(subject: OverlaySubject): Promise<OverlaidFiles> {
  const { checkout, readBaseFile } = subject;
  const touched: string[] = [];
  const folders = await baseFolders(subject);
  for (const file of subject.changedFiles ?? (await filesAtTop(checkout, readBaseFile))) {
    const { path } = file;
    const problem = await placesProblem(subject, file);
    if (problem !== null) return { problem };
    const kind = gateFileKind(path);
    if (kind === null) continue;
    const wanted = await wantedText(subject, file, kind, folders);
    if (wanted === AS_IT_IS) continue;
    if ('problem' in wanted) return wanted;
    try {
      if (await holdFile(checkout, path, wanted.text)) touched.push(path);
    } catch (error) {
      return { problem: `${path}, which defines gates, cannot be put back: ${messageOf(error)}` };
    }
  }
  return { touched };
}

/** The largest lock file that is read, in bytes. */
const MAX_LOCK_BYTES = 64 * 1024 * 1024;

type WantedText = { readonly text: string | null } | { readonly problem: string } | typeof AS_IT_IS;
const AS_IT_IS = 'as it is';
const NOTHING = { text: null };

/** What a path must hold. */
async function wantedText(
  { checkout, readBaseFile }: OverlaySubject,
  { path, change }: FileOfCommit,
  kind: GateFileKind,
  folders: ReadonlySet<string> | null,
): Promise<WantedText> {
  if (change === 'added') {
    if (kind === 'folder') return NOTHING;
    if (kind === 'package.json') return AS_IT_IS;
    const isBeside = folders === null || folders.has(dirname(path));
    if (kind === 'name') return isBeside ? NOTHING : AS_IT_IS;
  }
  const base = change === 'added' ? '' : await readBaseFile(path);
  if (base === null || base.includes('\uFFFD')) {
    return { problem: `${path}, which defines gates, is no text on the base commit: only a person can change it` };
  }
  if (kind === 'name' || kind === 'folder') return { text: base };
  const current = await readPlainFile(checkout, path, MAX_FILE_BYTES);
  // Below the top a whole package may be deleted.
  if ('problem' in current && (change === 'deleted' || current.isMissing))
    return path === kind ? { text: base } : AS_IT_IS;
  if ('problem' in current) return { problem: `${path}, which defines gates, cannot be used: ${current.problem}` };
  const restore = kind === 'package.json' ? restoredManifest : restoredPyproject;
  const restored = restore(base, current.text);
  return restored === null ? AS_IT_IS : { text: restored };
}

/** What would put another package in the place of one that the base commit has; null: nothing. */
async function placesProblem(
  { checkout, readBaseFile }: OverlaySubject,
  { path, change }: FileOfCommit,
): Promise<string | null> {
  const judges = change === 'deleted' ? null : placesFile(path);
  if (judges === null) return null;
  const text = await readPlainFile(checkout, path, MAX_LOCK_BYTES);
  if ('problem' in text) return `${path} cannot be used: ${text.problem}`;
  for (const judge of judges) {
    const base = await readBaseFile(judge);
    const moved = base === null ? null : movedPackage(path, base, text.text);
    if (moved !== null) return `${path} takes ${moved}, which the base commit does not: only a person can change that`;
  }
  return null;
}

/** Every folder that the base commit has files in, all the way up; null where it is not told. */
async function baseFolders({ listBaseFiles, changedFiles }: OverlaySubject): Promise<ReadonlySet<string> | null> {
  const isAsked = changedFiles?.some(({ path, change }) => change === 'added' && gateFileKind(path) !== null) ?? false;
  if (!listBaseFiles || !isAsked) return null;
  const folders = new Set(['.']);
  for (const path of await listBaseFiles()) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) folders.add(path.slice(0, at));
  }
  return folders;
}

async function filesAtTop(checkout: string, read: ReadBaseFile): Promise<readonly FileOfCommit[]> {
  const present = new Set((await readdir(checkout)).filter((name) => gateFileKind(name) === 'name'));
  const files: FileOfCommit[] = [];
  for (const path of new Set([...KNOWN_AT_TOP, ...present])) {
    const isBase = (await read(path)) !== null;
    if (isBase || present.has(path)) files.push({ path, change: isBase ? 'changed' : 'added' });
  }
  return files;
}
