// Prints the C++ sources of the named folders, for binding.gyp, with forward slashes and in a fixed order.
import { readdirSync } from 'node:fs';

for (const folder of process.argv.slice(2)) {
  for (const name of readdirSync(new URL(`${folder}/`, import.meta.url)).sort()) {
    if (name.endsWith('.cc')) process.stdout.write(`${folder}/${name}\n`);
  }
}
