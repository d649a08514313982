// What the machine itself must have, and how to get it: the compiler and static libraries for the addon, and the
// programs that the tests drive. Knows apt (as root or through sudo); elsewhere it names the packages to install.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';

/** True if a program of this name is on PATH. */
export function onPath(program, env = process.env) {
  const suffixes = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  return (env.PATH ?? '').split(path.delimiter).some((folder) => folder !== '' && suffixes.some((suffix) => isProgram(path.join(folder, program + suffix))));
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // absent, or not ours to run: either way it is not usable
  }
}

const libraryFolders = ['/usr/lib', '/usr/lib64', '/usr/local/lib', `/usr/lib/${{ x64: 'x86_64', arm64: 'aarch64' }[process.arch] ?? process.arch}-linux-gnu`];
const hasLibrary = (name) => libraryFolders.some((folder) => existsSync(path.join(folder, name)));
const hasHeader = (name) => ['/usr/include', '/usr/local/include'].some((folder) => existsSync(path.join(folder, name)));

/** Debian package, what it is for, and whether it is there. */
const debianBuild = [
  { name: 'g++', present: () => onPath('g++') || onPath('c++') },
  { name: 'make', present: () => onPath('make') },
  { name: 'python3', present: () => onPath('python3') },
  { name: 'libssl-dev', present: () => hasLibrary('libcrypto.a') && hasHeader('openssl/evp.h') },
  { name: 'libzstd-dev', present: () => hasLibrary('libzstd.a') && hasHeader('zstd.h') },
];
const debianTest = [
  { name: 'restic', present: () => onPath('restic') },
  { name: 'chromium', present: () => onPath('chromium') },
  { name: 'acl', present: () => onPath('setfacl') },
  { name: 'attr', present: () => onPath('setfattr') },
  { name: 'strace', present: () => onPath('strace') },
];

const byHand = {
  darwin: 'xcode-select --install && brew install openssl@3 zstd python3',
  win32: 'the Visual Studio 2022 C++ build tools and Python 3 (winget install Microsoft.VisualStudio.2022.BuildTools Python.Python.3.12), and openssl and zstd from vcpkg with the triplet x64-windows-static',
};

/** How apt-get can be run here: a command prefix, or undefined. */
function aptPrefix() {
  if (!onPath('apt-get')) return undefined;
  if (process.getuid?.() === 0) return [];
  return onPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}

/**
 * Installs what is missing where that is possible.
 * @param {{ tests: boolean, say: (line: string) => void }} options
 * @returns {string | undefined} what a person must install by hand, or undefined if everything needed is there
 */
export function ensureSystemPackages({ tests, say }) {
  if (process.platform !== 'linux') {
    const compiler = process.platform === 'win32' ? onPath('cl') || existsSync('C:/Program Files/Microsoft Visual Studio') || existsSync('C:/Program Files (x86)/Microsoft Visual Studio') : onPath('c++');
    return compiler ? undefined : byHand[process.platform] ?? 'a C++17 compiler, make, Python 3, and static OpenSSL 3 and zstd libraries';
  }
  const wanted = tests ? [...debianBuild, ...debianTest] : debianBuild;
  const missing = () => wanted.filter((item) => !item.present()).map((item) => item.name);
  let names = missing();
  if (names.length === 0) return undefined;
  const prefix = aptPrefix();
  if (prefix !== undefined) {
    say(`installing from the distribution: ${names.join(' ')}`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt = (...args) => spawnSync([...prefix, 'apt-get', ...args][0], [...prefix, 'apt-get', ...args].slice(1), { env, encoding: 'utf8' });
    apt('-qq', 'update');
    const result = apt('-qq', '-y', '--no-install-recommends', 'install', ...names);
    names = missing();
    if (names.length > 0 && result.status !== 0) say(result.stderr.trim().split('\n').slice(-2).join(' '));
  }
  return names.length === 0 ? undefined : `sudo apt-get install ${names.join(' ')}   (other distributions: the packages with the same content)`;
}
