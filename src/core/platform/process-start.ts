/**
 * When a process started, in the words of the system: with its id, who it is. Ids are given again to other processes; an id
 * with the same start is the same process.
 *
 * Linux: the start in clock ticks and the id of this start of the system. macOS: the start to the second. Windows offers
 * nothing that is cheap and needs no program of its own: there it is unknown, and nobody may end a process by an id that
 * was recorded earlier.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Undefined where the system does not tell, and for a process that does not exist, or is only waited for. */
export function processStart(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  switch (process.platform) {
    case 'linux':
      return linuxStart(pid);
    case 'win32':
      return undefined;
    default:
      return posixStart(pid);
  }
}

function linuxStart(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field, the program's name in parentheses, may hold anything; the third is the state, the 22nd the start (proc(5)).
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = fields[19];
    if (ticks === undefined || fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${ticks}@${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}`;
  } catch (error) {
    // ENOENT and ESRCH: gone, or no /proc in this container.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}

/** Same words whatever the language and time zone of the user are. */
function posixStart(pid: number): string | undefined {
  const { status, stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } });
  const [, state, start] = /^\s*(\S+)\s+(.+?)\s*$/.exec(status === 0 ? stdout : '') ?? [];
  return state?.startsWith('Z') === true ? undefined : start;
}
