// Compiles the native addon with the project's own Node headers. `npm run compile`; set-up calls it when sources changed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

/** Where the Node that the project carries keeps its headers; undefined where npm has removed them. */
export function headerFolder() {
  const folder = path.join(root, 'node_modules/node/node_modules', `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`);
  return existsSync(path.join(folder, 'include/node/node_api.h')) ? folder : undefined;
}

export function compileAddon() {
  if (headerFolder() === undefined) spawnSync('npm', ['rebuild', 'node'], { cwd: root, stdio: 'ignore', shell: process.platform === 'win32' });
  const nodeGyp = path.join(path.dirname(require.resolve('node-gyp/package.json')), 'bin/node-gyp.js');
  const folder = headerFolder();
  const args = [nodeGyp, 'configure', 'build', '--jobs', 'max'];
  if (folder !== undefined) args.push(`--nodedir=${folder}`);
  // npm hands its own settings down by environment, and node-gyp would take a foreign `nodedir` from there.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_config_/i.test(name)));
  return spawnSync(process.execPath, args, { cwd: path.join(root, 'native'), encoding: 'utf8', env });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = compileAddon();
  const errors = result.stderr.split('\n').filter((line) => !line.startsWith('gyp info'));
  process.stderr.write(errors.join('\n'));
  if (result.status !== 0) process.stderr.write(result.stdout);
  process.exitCode = result.status ?? 1;
}
