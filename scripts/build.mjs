// Bundles the command line (and with it server and engine) into dist/: fewer files to open makes every start faster.
// Packages with worker files or native parts of their own stay outside the bundle.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

export async function buildBundle() {
  const { build } = await import('rolldown');
  const dist = path.join(root, 'dist');
  rmSync(dist, { recursive: true, force: true });
  await build({
    input: { cli: path.join(root, 'src/cli/main.ts') },
    cwd: root,
    platform: 'node',
    external: [/^node:/, 'pino'],
    logLevel: 'warn',
    output: { dir: dist, format: 'esm', sourcemap: true, entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js', minify: { compress: true, mangle: false, codegen: { removeWhitespace: false } } },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildBundle();
