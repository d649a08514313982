/** Folders like those of the benchmark, smaller: incompressible files, log-like text, many small files. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noise } from './noise.ts';

export const dataSets: Readonly<Record<string, (root: string) => void>> = {
  'incompressible files': (root) => {
    for (let i = 0; i < 4; i++) writeFileSync(join(root, `noise-${i}.bin`), noise(6_000_000 + i * 77_777, 100 + i));
  },
  'log-like text': (root) => writeFileSync(join(root, 'service.log'), logText(200_000)),
  'small files': (root) => {
    for (let i = 0; i < 2000; i++) {
      const folder = join(root, `group-${i % 40}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `file-${i}.txt`), i % 3 === 0 ? noise(i * 3, i) : Buffer.from(`file ${i}\n`.repeat(i % 50)));
    }
  },
};

/** Lines of a service that has little to say. */
export function logText(lines: number): string {
  const text: string[] = [];
  let state = 42;
  for (let i = 0; i < lines; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text.push(`2024-03-${String(1 + (i % 28)).padStart(2, '0')}T12:00:${String(i % 60).padStart(2, '0')}Z INFO request id=${state.toString(16)} status=${state % 7 === 0 ? 500 : 200} took=${state % 900}ms`);
  }
  return `${text.join('\n')}\n`;
}
