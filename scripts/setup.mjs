// Sets up a checkout: system packages, npm packages, the addon, the bundle. Runs on any Node from 18 on, without
// dependencies; says each step in a line; does only what is missing, and is silent about the rest.
//
// `node scripts/setup.mjs [--tests | --program]`; with --tests also the programs that the tests drive, with --program only
// what is made from the sources.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureSystemPackages } from './system-packages.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const tests = process.argv.includes('--tests');
const programOnly = process.argv.includes('--program');
const ownNode = path.join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
const electronProgram = path.join(root, 'node_modules/electron/dist');

const say = (line) => process.stdout.write(`setup: ${line}\n`);

function stop(line) {
  process.stderr.write(`setup: ${line}\n`);
  process.exit(1);
}

/** A hash over names and contents of files and folders, so that a step runs again exactly when its input changed. */
function fingerprint(...places) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  const visit = (place) => {
    const full = path.join(root, place);
    if (!existsSync(full)) return;
    if (statSync(full).isDirectory()) {
      for (const name of readdirSync(full).sort()) visit(path.join(place, name));
    } else if (!place.endsWith('.test.ts')) {
      hash.update(`${place}\n`).update(readFileSync(full));
    }
  };
  for (const place of places) visit(place);
  return hash.digest('hex');
}

/** Runs `work` unless it already ran for the same fingerprint and its result is still there. */
function step(name, places, result, work) {
  const stamp = path.join(root, '.cache/setup', name);
  const print = fingerprint(...places);
  if (existsSync(path.join(root, result)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === print) return false;
  work();
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, print);
  return true;
}

function run(command, args, problem, options = {}) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, shell: process.platform === 'win32' && command === 'npm', ...options });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? `${result.error.message}\n` : ''}`);
  stop(problem);
}

if (!programOnly) {
  const byHand = ensureSystemPackages({ tests, say });
  if (byHand !== undefined) stop(`some programs or libraries are missing and cannot be installed from here. Install them, then run this again: ${byHand}`);

  step('packages', ['package-lock.json', 'package.json'], 'node_modules/node/bin', () => {
    say('installing npm packages (npm ci)');
    // Without their scripts: npm would compile better-sqlite3, which brings its programs, for minutes and with headers that it
    // downloads. The package "node" alone needs its own.
    const problem = 'npm failed; its messages stand above. Check the network and the registry, then run this again';
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], problem);
    run('npm', ['rebuild', 'node', '--ignore-scripts=false'], problem);
    if (!existsSync(ownNode)) stop('the package "node" did not install its program; run "npm rebuild node" and read its messages');
    if (!existsSync(electronProgram)) {
      say("fetching Electron's program");
      const result = spawnSync(ownNode, [path.join(root, 'node_modules/electron/install.js')], { cwd: root, stdio: 'ignore', timeout: 300_000 });
      if (result.status !== 0 || !existsSync(electronProgram)) say("missing: Electron's program could not be downloaded here; the desktop window needs it, everything else works without");
    }
  });
}

step('addon', ['native/src', 'native/binding.gyp', 'native/sources.mjs', 'package-lock.json'], 'native/build/Release/cyberbackup.node', () => {
  say('compiling the native engine');
  run(ownNode, ['scripts/compile-addon.mjs'], 'the native engine did not compile; the messages of the compiler stand above');
});

step('bundle', ['src', 'scripts/build.mjs', 'electron.vite.config.ts', 'package-lock.json'], 'dist/interface/index.html', () => {
  say('building the program');
  run(ownNode, ['scripts/build.mjs'], 'the build failed; its messages stand above');
});

say('ready: bin/cyberbackup');
