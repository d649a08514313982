/**
 * Damaged files that an earlier start set aside and that still lie in the home folder: nobody may have seen the alert then,
 * so it is raised again until the file is moved or deleted, for a month at most.
 */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { AlertBoard, AlertKind } from './alert-board.ts';

const monthMs = 30 * 86_400_000;
/** The file itself; the logs of a database lie beside it under longer names. */
const setAsideName = /\.damaged-[0-9TZ.-]+$/;

/** `begins`: how the names of the files may begin. One alert of the kind for the folder; an open one stays as it is. `now`: milliseconds since the epoch. */
export function raiseKeptDamage(alerts: AlertBoard, kind: AlertKind, folder: string, begins: readonly string[], now: number): void {
  if (alerts.list().some((alert) => alert.kind === kind && alert.subject === folder && alert.resolved_at === null)) return;
  const found = readdirSync(folder)
    .filter((name) => begins.some((begin) => name.startsWith(begin)) && setAsideName.test(name))
    .map((name) => ({ name, at: statSync(path.join(folder, name)).ctimeMs }))
    .filter(({ at }) => now - at < monthMs)
    .toSorted((a, b) => b.at - a.at);
  const [newest] = found;
  if (newest === undefined) return;
  const what = found.length === 1 ? 'A damaged file was' : `${found.length} damaged files were`;
  alerts.raise(kind, {
    subject: folder,
    severity: 'warning',
    code: 'damage_kept',
    values: { count: found.length, files: found.map(({ name }) => path.join(folder, name)).join(', ') },
    at: newest.at,
    message: `${what} set aside at an earlier start, and another took its place. No backup is touched. Look whether jobs, plans and settings are as you want them; then move or delete ${found.map(({ name }) => path.join(folder, name)).join(', ')}, and this is not said again at the next start`,
  });
}
