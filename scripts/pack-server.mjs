// The backup server as an archive that needs nothing but Node: release/cyberbackup-server-VERSION-SYSTEM-PROCESSOR.tar.gz.
// Holds the program's bundle, the addon, the packages that stay outside the bundle with what those need, and the recipes for
// a service. Run after `npm run build`.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** What the bundle imports by name; bcryptjs is read by a thread of its own. */
const outside = ['pino', 'fastify', 'socket.io', 'better-sqlite3', 'bcryptjs'];

/** Folders of the packages and of all that they need, relative to the project. */
export function packagesOf(names, from = root) {
  const found = new Set();
  const visit = (name, folder) => {
    const place = locate(name, folder);
    if (place === undefined || found.has(place)) return;
    found.add(place);
    const { dependencies = {} } = JSON.parse(readFileSync(path.join(place, 'package.json'), 'utf8'));
    for (const needed of Object.keys(dependencies)) visit(needed, place);
  };
  for (const name of names) visit(name, from);
  return [...found].map((place) => path.relative(from, place));
}

/** As Node looks for a package: in node_modules of this folder, then of those above. */
function locate(name, folder) {
  const place = path.join(folder, 'node_modules', name);
  if (existsSync(path.join(place, 'package.json'))) return place;
  const parent = path.dirname(folder);
  return parent === folder ? undefined : locate(name, parent);
}

/** Writes the archive; its path. */
export function packServer(target = path.join(root, 'release')) {
  const { name, version, license, type } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const title = `${name}-server`;
  const folder = mkdtempSync(path.join(tmpdir(), 'cyberbackup-pack-'));
  try {
    const inside = path.join(folder, title);
    mkdirSync(inside);
    for (const place of ['bin', 'dist/cli.js', 'dist/worker.js', 'dist/chunks', 'native/build/Release/cyberbackup.node', 'resources/server', 'LICENSE', ...packagesOf(outside)]) {
      cpSync(path.join(root, place), path.join(inside, place), { recursive: true, filter: (file) => !file.endsWith('.map') });
    }
    writeFileSync(path.join(inside, 'package.json'), `${JSON.stringify({ name, version, license, type, private: true }, null, 2)}\n`);
    mkdirSync(target, { recursive: true });
    const archive = path.join(target, `${title}-${version}-${process.platform}-${process.arch}.tar.gz`);
    const result = spawnSync('tar', ['-czf', archive, '-C', folder, title], { encoding: 'utf8' });
    if (result.status !== 0) throw new Error(`tar failed: ${result.stderr ?? result.error?.message}`);
    return archive;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(packServer());
