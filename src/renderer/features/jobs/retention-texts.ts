/** What jobs say that removed snapshots or freed space. */
import type { Format } from '../../lib/format.ts';

export const retentionEnglish = (f: Format) => ({
  forgotten: (removed: number, kept: number) => `${f.plural(removed, { one: '# snapshot', other: '# snapshots' })} removed, ${f.number(kept)} kept`,
  freed: (bytes: string) => `${bytes} freed`,
  onlyTried: 'Nothing was changed: this only tried what would happen',
  leftAlone: (count: number) => f.plural(count, { one: 'One thing was left alone', other: '# things were left alone' }),
  leftAlonePanel: { what: 'Snapshots of a group are odd, or the storage kept a snapshot. Everything else was done.', safe: 'Nothing of an odd group was removed.', next: 'Look at the alert and at these snapshots. Confirm that they are yours, or remove what is not.' },
});

export const retentionGerman = (f: Format): ReturnType<typeof retentionEnglish> => ({
  forgotten: (removed: number, kept: number) => `${f.plural(removed, { one: '# Snapshot', other: '# Snapshots' })} entfernt, ${f.number(kept)} behalten`,
  freed: (bytes: string) => `${bytes} freigegeben`,
  onlyTried: 'Nichts wurde geändert: Es wurde nur ermittelt, was geschähe',
  leftAlone: (count: number) => f.plural(count, { one: 'Eines wurde nicht angerührt', other: '# wurden nicht angerührt' }),
  leftAlonePanel: { what: 'Snapshots einer Gruppe sind auffällig, oder der Speicher behielt einen Snapshot. Alles andere ist getan.', safe: 'Von einer auffälligen Gruppe wurde nichts entfernt.', next: 'Sehen Sie sich den Hinweis und diese Snapshots an. Bestätigen Sie, dass sie von Ihnen sind, oder entfernen Sie, was es nicht ist.' },
});
