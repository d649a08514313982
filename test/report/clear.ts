/** Removes the results of an earlier `npm test`. */
import { rmSync } from 'node:fs';
import { reportFolder } from './run-result.ts';

rmSync(reportFolder, { recursive: true, force: true });
