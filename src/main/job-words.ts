/** A job in a few words, for menus and notifications. Names of files come from disks: they cannot break or turn a line. */
import type { Job } from '../shared/contract/schemas/job.ts';
import type { ShellText } from './text.ts';

const longestName = 40;

export function jobName(job: Pick<Job, 'kind' | 'paths'>, text: ShellText): string {
  const names = job.paths.slice(0, 1).map(lastPart);
  const name = names[0] === undefined ? text[job.kind] : job.kind === 'backup' ? names[0] : `${text[job.kind]}, ${names[0]}`;
  return job.paths.length > 1 ? text.moreThan(name, job.paths.length - 1) : name;
}

function lastPart(path: string): string {
  const part = path.replace(/[/\\]+$/, '').split(/[/\\]/).at(-1) ?? '';
  return plainName(part === '' ? path : part);
}

/** Without control and direction characters; `&` doubled by the menu, not here. */
export function plainName(name: string): string {
  // oxlint-disable-next-line no-control-regex
  const plain = name.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '�');
  return plain.length <= longestName ? plain : `${plain.slice(0, longestName / 2)}…${plain.slice(-longestName / 2 + 1)}`;
}
