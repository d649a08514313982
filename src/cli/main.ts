/**
 * Entry of the command line. Looks at nothing but the version of Node, so that an old one gets a sentence instead of a
 * crash in native code; everything else is loaded afterwards, and of the commands only the one that runs.
 */
import nodeModule from 'node:module';
import { prepareCompileCache } from '../core/platform/home.ts';
import { nodeVersionProblem } from './node-version.ts';

const problem = nodeVersionProblem(process.versions.node);
if (problem !== undefined) {
  process.stderr.write(`cyberbackup: ${problem}\n`);
  process.exit(1);
}

// Kept in the person's own cache folder: the default, a shared temporary folder, could be prepared by another user.
const cache = prepareCompileCache(process.argv.slice(2), process.env);
if (cache !== undefined) nodeModule.enableCompileCache(cache);

const { main } = await import('./run.ts');
await main();
