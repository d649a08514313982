/**
 * The data of the comparison, made from seeds: the same bytes on every machine, nothing stored in the tree.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';

const MiB = 1 << 20;

/** Endless pseudo-random bytes from a seed: the AES-CTR key stream, which no compressor shortens. */
function byteSource(seed: string): (length: number) => Buffer {
  const cipher = createCipheriv('aes-128-ctr', createHash('sha256').update(seed).digest().subarray(0, 16), Buffer.alloc(16));
  const zeros = Buffer.alloc(MiB);
  return (length) => {
    const parts: Buffer[] = [];
    for (let rest = length; rest > 0; rest -= MiB) parts.push(cipher.update(zeros.subarray(0, Math.min(rest, MiB))));
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  };
}

/** A small generator for choices (xorshift32); the state never becomes zero. */
function chooser(seed: number): (limit: number) => number {
  let state = seed | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

export function writeIncompressible(file: string, size: number, seed: string): void {
  const next = byteSource(seed);
  const descriptor = openSync(file, 'w');
  for (let rest = size; rest > 0; rest -= MiB) writeSync(descriptor, next(Math.min(rest, MiB)));
  closeSync(descriptor);
}

const levels = ['INFO', 'INFO', 'INFO', 'DEBUG', 'WARN', 'ERROR'];
const routes = ['users', 'orders', 'items', 'carts', 'sessions', 'payments', 'search'];
const statuses = [200, 200, 200, 200, 204, 304, 404, 500];

/** Lines as a web service logs them: rising times, a few words that repeat, numbers and ids that do not. */
export function writeLog(file: string, size: number, seed: number): void {
  const pick = chooser(seed);
  const descriptor = openSync(file, 'w');
  let time = 1_700_000_000_000;
  for (let written = 0; written < size; ) {
    let text = '';
    while (text.length < MiB) {
      time += 1 + pick(400);
      const id = pick(0xffffffff).toString(16).padStart(8, '0') + pick(0xffffffff).toString(16).padStart(8, '0');
      text += `${new Date(time).toISOString()} ${levels[pick(levels.length)]} server[${1000 + pick(9000)}] request id=${id} path=/api/v1/${routes[pick(routes.length)]}/${pick(100_000)} status=${statuses[pick(statuses.length)]} took=${pick(2000)}ms\n`;
    }
    written += writeSync(descriptor, text.slice(0, Math.min(text.length, size - written)));
  }
  closeSync(descriptor);
}

/** Files of 100 bytes to 8 KiB, a hundred in a folder; half of each is text, half random. */
export function writeSmallFiles(folder: string, count: number, seed: number): void {
  const pick = chooser(seed);
  const next = byteSource(`small ${seed}`);
  for (let index = 0; index < count; index++) {
    const parent = path.join(folder, `folder-${Math.floor(index / 100)}`);
    if (index % 100 === 0) mkdirSync(parent, { recursive: true });
    const size = 100 + pick(8092);
    const text = Buffer.from(`file ${index} of the set; `.repeat(Math.ceil(size / 44))).subarray(0, size >> 1);
    writeFileSync(path.join(parent, `file-${index}.dat`), Buffer.concat([text, next(size - text.length)]));
  }
}

export interface Dataset {
  readonly key: 'incompressible' | 'log' | 'small';
  readonly title: string;
  readonly folder: string;
}

/** Makes the data sets that are not there yet. `scale` below 1 shortens them for a quick look. */
export function makeDatasets(root: string, scale: number): Dataset[] {
  const make = (key: Dataset['key'], title: string, write: (folder: string) => void): Dataset => {
    const folder = path.join(root, key);
    if (!existsSync(folder)) {
      mkdirSync(folder, { recursive: true });
      write(folder);
    }
    return { key, title, folder };
  };
  const files = Math.round(20_000 * scale);
  return [
    make('incompressible', `${Math.round(1024 * scale)} MiB incompressible in four files`, (folder) => {
      for (let index = 0; index < 4; index++) writeIncompressible(path.join(folder, `part-${index}.bin`), Math.round(256 * scale) * MiB, `part ${index}`);
    }),
    make('log', `${Math.round(512 * scale)} MiB of log-like text`, (folder) => writeLog(path.join(folder, 'service.log'), Math.round(512 * scale) * MiB, 7)),
    make('small', `${files.toLocaleString('en')} small files`, (folder) => writeSmallFiles(folder, files, 11)),
  ];
}
