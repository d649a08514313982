// Builds the C++ tests under sanitizers and runs them; exits with 1 if one fails.
//
//   node native/test/run.mjs [--thread] [FILTER…]
//
// Each `*_test.cc` below this folder is a program of its own that prints one line and exits with 0. They are linked with
// every source of the addon that does not speak to JavaScript (not `js_*` and `register`), built under AddressSanitizer
// and UBSan, or with --thread under ThreadSanitizer. Objects are kept in native/build-test.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeRun } from '../../test/report/run-result.ts';

const testFolder = path.dirname(fileURLToPath(import.meta.url));
const native = path.dirname(testFolder);
const args = process.argv.slice(2);
const sanitizers = args.includes('--thread') ? 'thread' : 'address,undefined';
const filters = args.filter((arg) => !arg.startsWith('--'));
const output = path.join(native, 'build-test', sanitizers.replace(',', '-'));
const compiler = process.env.CXX ?? 'g++';

const compileFlags = ['-std=c++17', '-O1', '-g1', '-Wall', '-Wextra', '-Wno-unused-parameter', `-fsanitize=${sanitizers}`, '-fno-sanitize-recover=all', '-fno-omit-frame-pointer'];
const includes = ['-I', path.join(native, 'src'), '-I', testFolder];
const libraries = process.platform === 'linux' ? ['-l:libcrypto.a', '-l:libzstd.a', '-lpthread', '-ldl'] : ['-lcrypto', '-lzstd'];

/** All files below a folder, as paths. */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

const newestHeader = Math.max(...[path.join(native, 'src'), testFolder].flatMap(filesBelow).filter((file) => file.endsWith('.h')).map((file) => statSync(file).mtimeMs));

function speaksToJavaScript(file) {
  const name = path.basename(file);
  return name.startsWith('js_') || name === 'register.cc' || name === 'addon.cc';
}

function objectOf(source) {
  return path.join(output, `${path.relative(native, source).replaceAll(path.sep, '-')}.o`);
}

function upToDate(target, sources) {
  if (!existsSync(target)) return false;
  const built = statSync(target).mtimeMs;
  return built > newestHeader && sources.every((source) => built > statSync(source).mtimeMs);
}

/** Runs a program; resolves with its exit status. Its output is ours. */
function run(program, programArgs, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, programArgs, { stdio: 'inherit', ...options });
    child.on('error', () => resolve(1));
    child.on('close', (status) => resolve(status ?? 1));
  });
}

/** Runs tasks on all cores; true if all of them did. */
async function inParallel(tasks) {
  const queue = [...tasks];
  let good = true;
  const worker = async () => {
    for (let task = queue.shift(); task !== undefined && good; task = queue.shift()) good = (await task()) && good;
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return good;
}

/** Runs one test program; its result for the report. */
async function runTest(program) {
  const name = path.basename(program);
  const start = performance.now();
  const passed = (await run(program, [])) === 0;
  const milliseconds = Math.round(performance.now() - start);
  return { module: name, milliseconds, errors: [], tests: [{ name, state: passed ? 'passed' : 'failed', milliseconds, errors: passed ? [] : ['its own words stand in the output of the run'] }] };
}

async function main() {
  if (process.platform === 'win32') {
    process.stdout.write('The C++ tests need a compiler with sanitizers; on Windows they are not run.\n');
    return 0;
  }
  if (spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status !== 0) {
    process.stderr.write(`There is no C++ compiler \`${compiler}\`: run \`npm run setup\`, or name one in CXX.\n`);
    return 1;
  }
  mkdirSync(output, { recursive: true });
  const sources = filesBelow(path.join(native, 'src')).filter((file) => file.endsWith('.cc') && !speaksToJavaScript(file));
  const tests = filesBelow(testFolder).filter((file) => file.endsWith('_test.cc') && (filters.length === 0 || filters.some((filter) => file.includes(filter))));
  const compile = (source) => async () =>
    upToDate(objectOf(source), [source]) || (await run(compiler, [...compileFlags, ...includes, '-c', source, '-o', objectOf(source)])) === 0;
  if (!(await inParallel([...sources, ...tests].map(compile)))) return 1;
  const programs = tests.map((test) => ({ program: objectOf(test).replace(/\.cc\.o$/, ''), objects: [...sources.map(objectOf), objectOf(test)] }));
  const link = ({ program, objects }) => async () =>
    upToDate(program, objects) || (await run(compiler, [`-fsanitize=${sanitizers}`, ...objects, ...libraries, '-o', program])) === 0;
  if (!(await inParallel(programs.map(link)))) return 1;
  const modules = [];
  // The last of them is by far the longest, so it begins first.
  await inParallel(programs.toReversed().map(({ program }) => async () => modules.push(await runTest(program)) > 0));
  modules.sort((a, b) => (a.module < b.module ? -1 : 1));
  writeRun({ run: 'native', finishedAt: new Date().toISOString(), milliseconds: Math.round(performance.now()), modules });
  const failed = modules.filter(({ tests }) => tests.some(({ state }) => state === 'failed')).map(({ module }) => module);
  if (failed.length > 0) process.stderr.write(`failed: ${failed.join(', ')}\n`);
  return failed.length > 0 ? 1 : 0;
}

process.exitCode = await main();
