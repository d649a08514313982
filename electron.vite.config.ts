/**
 * The desktop's three bundles: the main process, the preload (CommonJS, since a sandboxed preload can be nothing else) and the
 * interface, which the agent serves to browsers as well.
 */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

export default defineConfig({
  main: {
    build: { outDir: 'dist/main', rollupOptions: { input: 'src/main/index.ts', external: [/^node:/, 'electron', 'better-sqlite3', 'fastify', 'socket.io', 'pino'] } },
  },
  preload: {
    build: { outDir: 'dist/preload', rollupOptions: { input: 'src/preload/index.ts', external: ['electron'], output: { format: 'cjs', entryFileNames: 'index.cjs' } } },
  },
  renderer: {
    root: 'src/renderer',
    base: './',
    plugins: [react()],
    build: { outDir: 'dist/interface', emptyOutDir: true, rollupOptions: { input: 'src/renderer/index.html' } },
  },
});
