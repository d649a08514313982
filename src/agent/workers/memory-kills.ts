/** How many processes Linux ended because memory ran out, since its start; undefined on other systems. */
import { readFileSync } from 'node:fs';

export function memoryKills(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const match = /^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'latin1'));
    return match === null ? undefined : Number(match[1]);
  } catch (error) {
    // Some containers show no such file: then it cannot be told.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}
