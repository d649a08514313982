// Holds every import of src/ against the table in layers.mjs. Prints each breach as `file:line: reason`; exit code 1 if any.
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';
import { layers, restricted, testAllowance } from './layers.mjs';

/** Static, re-exported and literal dynamic imports of a TypeScript source. */
export function importsOf(file, source) {
  const { module, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const found = module.staticImports.map((entry) => ({ specifier: entry.moduleRequest.value, at: entry.start }));
  for (const statement of module.staticExports) {
    for (const entry of statement.entries) {
      if (entry.moduleRequest) found.push({ specifier: entry.moduleRequest.value, at: statement.start });
    }
  }
  for (const entry of module.dynamicImports) {
    const text = source.slice(entry.moduleRequest.start, entry.moduleRequest.end);
    const literal = /^(['"`])(.*)\1$/s.exec(text);
    found.push({ specifier: literal ? literal[2] : undefined, at: entry.start });
  }
  return found;
}

/** The table's row for a file below src/; undefined if its folder has none. */
export function rowOf(file, table = layers) {
  return Object.keys(table)
    .filter((row) => file.startsWith(`${row}/`))
    .sort((a, b) => b.length - a.length)[0];
}

const matches = (patterns, row) => patterns.some((pattern) => pattern === row || (pattern.endsWith('/*') && row.startsWith(pattern.slice(0, -1))));
const isTest = (file) => /\.test\.tsx?$|(^|\/)(testing|reference)\//.test(file);

/** Why `file` (below src/, forward slashes) may not import `specifier`; undefined if it may. */
export function breach(file, specifier, table = layers) {
  const row = rowOf(file, table);
  if (row === undefined) return 'its folder has no row in scripts/layers.mjs';
  const { ours, packages, node } = table[row];
  if (specifier === undefined) return row === 'core/native' ? undefined : 'a computed import cannot be checked';
  if (specifier.startsWith('.')) {
    const target = path.posix.join(path.posix.dirname(file), specifier);
    if (target.startsWith('../')) return isTest(file) ? undefined : 'it leaves src/';
    const other = rowOf(target, table);
    if (other === undefined) return `${target} is in a folder without a row`;
    if (isTest(target) && !isTest(file)) return `${target} is for tests only`;
    if (other === row || matches(ours, other) || (isTest(file) && matches(testAllowance.ours, other))) return undefined;
    return `${row} may not import ${other}`;
  }
  if (specifier.endsWith('.node')) return 'only the loader in core/native opens the addon';
  if (isBuiltin(specifier)) {
    if (!specifier.startsWith('node:')) return `write node:${specifier}`;
    return node || isTest(file) ? undefined : `${row} may not use Node's modules`;
  }
  const name = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  if (restricted[name] && !restricted[name].includes(row)) return `only ${restricted[name].join(' and ')} may import ${name}`;
  if (packages.includes(name) || (isTest(file) && testAllowance.packages.includes(name))) return undefined;
  return `${row} may not import the package ${name}`;
}

/** Every breach in the tree, as printable lines. */
export function checkTree(root) {
  const lines = [];
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.tsx?$/.test(entry.name)) continue;
    const full = path.join(entry.parentPath, entry.name);
    const file = path.relative(root, full).split(path.sep).join('/');
    const source = readFileSync(full, 'utf8');
    for (const { specifier, at } of importsOf(full, source)) {
      const reason = breach(file, specifier);
      if (reason) lines.push(`src/${file}:${source.slice(0, at).split('\n').length}: ${specifier ?? 'import(…)'}: ${reason}`);
    }
  }
  return lines;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = checkTree(path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), 'src'));
  for (const line of lines) console.error(line);
  if (lines.length === 0) console.log('layers: every import is allowed by scripts/layers.mjs');
  process.exitCode = lines.length === 0 ? 0 : 1;
}
