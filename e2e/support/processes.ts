/** Processes of the program under test, found in /proc: only where specs kill one, on Linux. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './world.ts';

/** Id of the process that hosts the agent: the desktop's own, or the one without a window. */
export function agentProcess(world: World): number {
  return (JSON.parse(readFileSync(join(world.home, 'agent.json'), 'utf8')) as { pid: number }).pid;
}

/** Ids of the processes that a process started, by a part of their command line. */
export function childrenOf(pid: number, part: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => {
      try {
        return new RegExp(`^PPid:\\s${pid}$`, 'm').test(readFileSync(`/proc/${child}/status`, 'utf8')) && readFileSync(`/proc/${child}/cmdline`, 'utf8').includes(part);
      } catch {
        return false; // gone meanwhile
      }
    });
}

export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\sZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
