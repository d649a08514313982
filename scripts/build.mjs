// Bundles the command line (and with it server and engine) and the agent's worker into dist/: fewer files to open makes every start faster.
// Packages with worker files or native parts of their own stay outside the bundle. Then, with electron-vite, the desktop's
// main process, its preload and the interface (electron.vite.config.ts).
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

// Built-in modules with exports that load something large when they are read: `http.WebSocket` and its neighbours load
// Node's fetch, `process.stdin` opens a stream. An `import` reads every export, whichever are wanted, which costs each
// start 30 and 10 ms of processor time; `process.getBuiltinModule` (Node 22.3) reads none. The entry must keep to plain
// imports, because on an older Node it still has a sentence to say.
const builtinsWithGetters = ['node:http', 'node:process'];

/** Replaces imports of these modules by a module of the bundle that reads only the exports that are used. */
function readBuiltinsLazily() {
  const prefix = '\0builtin:';
  return {
    name: 'read-builtins-lazily',
    resolveId: (id) => (builtinsWithGetters.includes(id) ? { id: prefix + id, moduleSideEffects: false } : null),
    load(id) {
      if (!id.startsWith(prefix)) return null;
      const name = id.slice(prefix.length);
      const exported = Object.keys(process.getBuiltinModule(name)).filter((key) => key !== 'default' && /^[A-Za-z_]\w*$/.test(key));
      // Calls marked as pure: the bundler drops those whose result nobody imports.
      const constants = exported.map((key, at) => `const export${at} = /* @__PURE__ */ read(${JSON.stringify(key)});`);
      const names = exported.map((key, at) => `export${at} as ${key}`);
      return `const builtin = process.getBuiltinModule(${JSON.stringify(name)});
const read = (key) => builtin[key];
${constants.join('\n')}
export { builtin as default, ${names.join(', ')} };
`;
    },
  };
}

// With worker files or native parts of their own, or so large that only the command that uses them should load them.
const outside = ['pino', 'fastify', 'socket.io', 'better-sqlite3'];

export async function buildBundle() {
  const { build } = await import('rolldown');
  const dist = path.join(root, 'dist');
  rmSync(dist, { recursive: true, force: true });
  await build({
    input: { cli: path.join(root, 'src/cli/main.ts'), worker: path.join(root, 'src/worker/main.ts') },
    cwd: root,
    platform: 'node',
    external: (id) => outside.includes(id) || (id.startsWith('node:') && !builtinsWithGetters.includes(id)),
    plugins: [readBuiltinsLazily()],
    logLevel: 'warn',
    output: { dir: dist, format: 'esm', sourcemap: true, entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js', minify: { compress: true, mangle: false, codegen: { removeWhitespace: false } } },
  });
}

/** dist/main, dist/preload and dist/interface, which the agent serves to browsers, too. */
export async function buildDesktop() {
  const { build } = await import('electron-vite');
  await build({ root, configFile: path.join(root, 'electron.vite.config.ts'), logLevel: 'warn' });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildBundle();
  await buildDesktop();
}
