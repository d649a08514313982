/**
 * Speeds of the native engine by stage: `node bench/native.ts`. Prints a table; compare figures of one run only.
 *
 * Single stages run on this thread over 64 MiB; those that return bytes work on 1 MiB again and again, or the price of
 * fresh memory would be most of what they show. The engine lines are whole runs over one file of the system's temporary
 * folder, whose packs are thrown away, with the time that all threads spent in each stage.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { BackupCounters } from '../src/core/native/addon.ts';
import { loadAddon } from '../src/core/native/load-addon.ts';

const addon = loadAddon();
const polynomial = 0x3da3358b4dc173n;
const MiB = 1024 * 1024;
const size = 64 * MiB;
const rounds = 5;

function logText(bytes: number): Buffer {
  const text = Buffer.alloc(bytes);
  for (let at = 0, line = 0; at < bytes; line += 1) {
    const id = ((line * 2_654_435_761) >>> 0).toString(16);
    at += text.write(`2026-01-02T03:${line % 60}:${(line * 7) % 60} host${line % 9} app: request ${id} took ${(line * 31) % 997} ms, status ${line % 11 === 0 ? 500 : 200}\n`, at);
  }
  return text;
}

/** MB/s of the fastest of the runs that `rounds` times 64 MiB take. */
function speedOf(bytes: number, run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let done = 0; done < rounds * size; done += bytes) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return bytes / 1e3 / best;
}

async function engineRun(file: string, bytes: number): Promise<string> {
  const packSize = 16 * MiB;
  const packBuffers = Array.from({ length: 5 }, () => new Uint8Array(packSize + 65_536));
  const start = performance.now();
  let stored = 0;
  const counters = await new Promise<BackupCounters>((resolve, reject) => {
    const engine = addon.createBackupEngine({
      keys: addon.generateKeySet(),
      index: addon.createIndex(),
      polynomial,
      version: 2,
      compression: 'auto',
      packSize,
      packBuffers,
      onEvents(events) {
        for (const event of events) {
          if (event.type === 'pack') {
            stored += event.length;
            if (event.buffer >= 0) engine.releasePack(event.buffer);
          } else if (event.type === 'finished') {
            resolve(engine.counters());
          } else if (event.type === 'failed') {
            reject(new Error(event.message));
          }
        }
      },
    });
    engine.addFile(0, Buffer.from(file));
    engine.finish();
  });
  const elapsed = performance.now() - start;
  const stages = [
    ['read', counters.readNs],
    ['chunk', counters.chunkNs],
    ['hash', counters.hashNs],
    ['compress', counters.compressNs],
    ['encrypt', counters.encryptNs],
  ] as const;
  const shares = stages.map(([name, ns]) => `${name} ${(ns / 1e6).toFixed(0)}`).join(', ');
  return `${(bytes / 1e3 / elapsed).toFixed(0).padStart(6)} MB/s, stored ${((stored / bytes) * 100).toFixed(1)} %; thread-ms: ${shares}`;
}

const noise = Buffer.concat(Array.from({ length: size / MiB }, () => randomBytes(MiB)));
const text = logText(size);
const keys = addon.generateKeySet();
const noisePiece = noise.subarray(0, MiB);
const textPiece = text.subarray(0, MiB);
const sealed = keys.seal(noisePiece);
const compressed = addon.compress(textPiece, 1);

const stages: readonly (readonly [name: string, run: () => void, bytes: number])[] = [
  ['cut (Rabin, whole input)', () => addon.cut(noise, polynomial), size],
  ['SHA-256, one stream', () => addon.sha256(noise), size],
  ['seal (AES-256-CTR, Poly1305)', () => keys.seal(noisePiece), MiB],
  ['open', () => keys.open(sealed), MiB],
  ['compress text, level 1', () => addon.compress(textPiece, 1), MiB],
  ['compress text, level 3', () => addon.compress(textPiece, 3), MiB],
  ['decompress text', () => addon.decompress(compressed, MiB), MiB],
];
for (const [name, run, bytes] of stages) process.stdout.write(`${name.padEnd(30)} ${speedOf(bytes, run).toFixed(0).padStart(6)} MB/s\n`);

const folder = mkdtempSync(path.join(tmpdir(), 'cyberbackup-bench-'));
try {
  const inputs: readonly (readonly [name: string, pieces: number, piece: () => Buffer])[] = [
    ['noise', 512, () => randomBytes(MiB)],
    ['text', 1, () => text],
  ];
  for (const [name, pieces, piece] of inputs) {
    const file = path.join(folder, name);
    let total = 0;
    for (let i = 0; i < pieces; i += 1) {
      const bytes = piece();
      writeFileSync(file, bytes, { flag: 'a' });
      total += bytes.length;
    }
    process.stdout.write(`${`engine, ${total / MiB} MiB of ${name}`.padEnd(30)} ${await engineRun(file, total)}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
