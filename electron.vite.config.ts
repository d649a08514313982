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

/**
 * Puts the styles of the first frame into the page itself, where its script stands already: it is drawn without asking for
 * anything more. The agent allows both by their digests (src/agent/api/interface-files.ts). Screens that are loaded later name
 * the same styles: their link stays, switched off, so that nobody fetches them again.
 */
const stylesInPage: Plugin = {
  name: 'styles-in-page',
  enforce: 'post',
  generateBundle(_, bundle) {
    const page = bundle['index.html'];
    if (page?.type !== 'asset') throw new Error('The build made no index.html');
    let found = false;
    page.source = page.source.toString().replace(/<link rel="stylesheet"[^>]*href="\/([^"]+)"[^>]*>/, (link, file: string) => {
      const styles = bundle[file];
      if (styles?.type !== 'asset') throw new Error(`The page names styles that were not built: ${link}`);
      found = true;
      return `<style>${styles.source.toString().trim()}</style>\n    ${link.replace('<link', '<link disabled')}`;
    });
    if (!found) throw new Error('The page names no styles');
  },
};

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
    plugins: [react(), absoluteAddresses, stylesInPage],
    build: { outDir: 'dist/interface', emptyOutDir: true, minify: 'oxc', cssMinify: true, rollupOptions: { input: 'src/renderer/index.html' } },
  },
});
