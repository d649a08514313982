/** Texts of notices and of what the screen reader is told. */
import type { JobKind } from '../../../shared/contract/schemas/job.ts';
import { defineMessages } from '../../lib/messages/messages.ts';

export const messages = defineMessages(
  (f) => ({
    dismiss: 'Dismiss',
    notices: 'Notices',
    show: 'Show',
    runAgain: 'Run again',
    retry: 'Try again',
    started: (name: string) => `${name} started`,
    quarter: (name: string, percent: number) => `${name}: ${f.number(percent)} percent`,
    moreNews: (count: number) => f.plural(count, { one: 'and # more', other: 'and # more' }),
    completed: { backup: (name: string) => `${name} is backed up`, restore: (name: string) => `${name} is restored`, check: () => 'The check found no damage', forget: () => 'Old snapshots are removed', prune: () => 'Space is freed' } satisfies Record<JobKind, (name: string) => string>,
    leftAlone: (name: string, count: number) => f.plural(count, { one: `${name}: one thing was left alone`, other: `${name}: # things were left alone` }),
    partial: (name: string, count: number) => f.plural(count, { one: `${name}: # file could not be read`, other: `${name}: # files could not be read` }),
    failed: (name: string) => `${name} failed`,
    cancelled: (name: string) => `${name} was cancelled`,
  }),
  (f) => ({
    dismiss: 'Schließen',
    notices: 'Mitteilungen',
    show: 'Zeigen',
    runAgain: 'Erneut starten',
    retry: 'Erneut versuchen',
    started: (name: string) => `${name} hat begonnen`,
    quarter: (name: string, percent: number) => `${name}: ${f.number(percent)} Prozent`,
    moreNews: (count: number) => f.plural(count, { one: 'und # weiterer', other: 'und # weitere' }),
    completed: { backup: (name: string) => `${name} ist gesichert`, restore: (name: string) => `${name} ist wiederhergestellt`, check: () => 'Die Prüfung fand keinen Schaden', forget: () => 'Alte Snapshots sind entfernt', prune: () => 'Platz ist freigegeben' },
    leftAlone: (name: string, count: number) => f.plural(count, { one: `${name}: Eines wurde nicht angerührt`, other: `${name}: # wurden nicht angerührt` }),
    partial: (name: string, count: number) => f.plural(count, { one: `${name}: # Datei war nicht lesbar`, other: `${name}: # Dateien waren nicht lesbar` }),
    failed: (name: string) => `${name} ist fehlgeschlagen`,
    cancelled: (name: string) => `${name} wurde abgebrochen`,
  }),
);
