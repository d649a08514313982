/**
 * The files of the demo: letters, photos, projects and mail that look like a person's, the same in every run.
 *
 * Photos are random bytes (nothing compresses them), some of them twice (deduplication), text compresses well.
 */
import { createCipheriv } from 'node:crypto';
import { chmod, copyFile, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface MadeFiles {
  readonly files: number;
  readonly bytes: number;
}

const words = 'the kitchen window opens to a quiet garden where old apple trees stand and every morning light comes over the roof we talked about plans for spring and what remains of summer letters kept in a drawer paper maps prices numbers and dates'.split(' ');

/** A stream of reproducible bytes: the key stream of a cipher under a key made of the seed. */
export class SeededBytes {
  readonly #cipher: ReturnType<typeof createCipheriv>;

  constructor(seed: number) {
    const key = Buffer.alloc(16);
    key.writeUInt32LE(seed);
    this.#cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  }

  take(length: number): Buffer {
    return this.#cipher.update(Buffer.alloc(length));
  }

  /** A whole number from 0 to below the limit. */
  below(limit: number): number {
    return this.take(4).readUInt32LE() % limit;
  }
}

/** Makes the files below a folder that does not exist yet. */
export async function makeDemoFiles(folder: string, signal: AbortSignal): Promise<MadeFiles> {
  const made = { files: 0, bytes: 0 };
  const random = new SeededBytes(2026);
  const prose = makeProse(random, 1_000_000);
  const put = async (path: string, content: Buffer): Promise<void> => {
    signal.throwIfAborted();
    await writeFile(join(folder, path), content);
    made.files += 1;
    made.bytes += content.length;
  };
  const folders = ['Documents/Letters', 'Photos/2026', 'Photos/Best of 2026', 'Mail', 'Notes', ...Array.from({ length: 40 }, (_, project) => `Projects/project ${project + 1}/source`)];
  for (const path of folders) await mkdir(join(folder, path), { recursive: true, mode: 0o755 });

  for (let number = 1; number <= 600; number += 1) await put(`Documents/Letters/letter ${String(number).padStart(4, '0')}.txt`, excerpt(prose, random, number));
  for (let number = 1; number <= 400; number += 1) await put(`Projects/project ${1 + (number % 40)}/source/part ${number}.md`, excerpt(prose, random, number));
  for (let number = 1; number <= 24; number += 1) {
    const name = `IMG_${String(number).padStart(4, '0')}.jpg`;
    await put(`Photos/2026/${name}`, random.take(1_200_000 + random.below(1_600_000)));
    if (number % 3 === 0) made.bytes += await copy(join(folder, 'Photos/2026', name), join(folder, 'Photos/Best of 2026', name));
    if (number % 3 === 0) made.files += 1;
  }
  await put('Mail/archive.mbox', makeProse(random, 24_000_000));
  await put('Notes/Größe – 日本語 👍.txt', Buffer.from('A name may be anything.\n'));
  await put('Notes/empty.txt', Buffer.alloc(0));
  await put('Notes/run.sh', Buffer.from('#!/bin/sh\necho hello\n'));
  await chmod(join(folder, 'Notes/run.sh'), 0o755);
  // Windows asks for a privilege to make links; the demo does without one there.
  if (process.platform !== 'win32') await symlink('../Photos/2026', join(folder, 'Notes/pictures'));
  return made;
}

/** A few edits, as an hour of work leaves them. */
export async function editDemoFiles(folder: string): Promise<number> {
  const edits = ['Documents/Letters/letter 0001.txt', 'Projects/project 7/source/part 46.md', 'Notes/new idea.txt'];
  for (const path of edits) await writeFile(join(folder, path), `Changed in the demo: ${path}\n`);
  return edits.length;
}

/** One large file that nothing compresses. */
export async function makeLargeFile(path: string, bytes: number): Promise<void> {
  await writeFile(path, new SeededBytes(7).take(bytes));
}

async function copy(from: string, to: string): Promise<number> {
  await copyFile(from, to);
  return (await stat(to)).size;
}

function makeProse(random: SeededBytes, bytes: number): Buffer {
  const text = Buffer.alloc(bytes, 0x0a);
  const picks = random.take(Math.ceil(bytes / 3));
  const encoded = words.map((word) => Buffer.from(`${word} `));
  for (let at = 0, index = 0; at < bytes; index += 1) {
    const word = encoded[(picks[index % picks.length] ?? 0) % encoded.length] ?? Buffer.from(' ');
    at += word.copy(text, at);
    if (index % 14 === 13 && at < bytes) text[at - 1] = 0x0a;
  }
  return text;
}

/** Two to ten kilobytes of the prose under a heading of its own, so that no two files are equal. */
function excerpt(prose: Buffer, random: SeededBytes, number: number): Buffer {
  const length = 2000 + random.below(8000);
  const start = random.below(prose.length - length);
  return Buffer.concat([Buffer.from(`Number ${number}\n\n`), prose.subarray(start, start + length)]);
}
