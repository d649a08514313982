/**
 * The desktop's three bundles: the main process, the preload (CommonJS, since a sandboxed preload can be nothing else) and the
 * interface, which the agent serves to browsers as well.
 */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';

/** With worker files or native parts of their own. */
const outside = [/^node:/, 'electron', 'better-sqlite3', 'fastify', 'socket.io', 'pino'];

/** Pages have paths of their own (`/jobs/ID`), under which relative addresses would lead nowhere; electron-vite sets those otherwise. */
const absoluteAddresses: Plugin = { name: 'absolute-addresses', enforce: 'post', config: () => ({ base: '/' }) };

export default defineConfig({
  main: {
    build: {
      outDir: 'dist/main',
      emptyOutDir: true,
      externalizeDeps: false,
      sourcemap: true,
      minify: false,
      rollupOptions: { input: 'src/main/index.ts', external: outside, output: { format: 'es', entryFileNames: 'index.js', chunkFileNames: 'chunks/[name]-[hash].js' } },
    },
  },
  preload: {
    build: {
      outDir: 'dist/preload',
      emptyOutDir: true,
      externalizeDeps: false,
      minify: false,
      rollupOptions: { input: 'src/preload/index.ts', external: ['electron'], output: { format: 'cjs', entryFileNames: 'index.cjs' } },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: [react(), absoluteAddresses],
    build: { outDir: 'dist/interface', emptyOutDir: true, minify: 'oxc', cssMinify: true, rollupOptions: { input: 'src/renderer/index.html' } },
  },
});
