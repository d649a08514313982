/** What alerts say, in each language: a sentence for each code, with the alert's values. For the interface and for notifications. */
import type { Alert, AlertCode } from './contract/schemas/observability.ts';
import type { OddityCode } from './contract/schemas/retention.ts';

type Values = Alert['values'];
export type AlertSentences = Readonly<Record<AlertCode, (values: Values) => string>>;

/** How numbers are written where the sentence is shown. */
export interface AlertFormat {
  readonly number: (value: number) => string;
  readonly bytes: (count: number) => string;
  /** `#` stands for the number. */
  readonly plural: (count: number, forms: { readonly one: string; readonly other: string }) => string;
}

const text = (values: Values, name: string): string => String(values[name] ?? '');
const number = (values: Values, name: string): number => Number(values[name] ?? 0);
/** A reason of the program's, which is English, or of a system or a server, whose language nobody knows. */
const because = (values: Values, name = 'reason'): string => (text(values, name) === '' ? '' : ` (${text(values, name).replace(/\.$/, '')})`);

/** What odd snapshots are said to do; several of them, one after the other. */
const oddEnglish: Readonly<Record<OddityCode, string>> = {
  'time-in-future': 'have times in the future',
  'time-before-parent': 'are older than the ones they continue',
  'time-after-arrival': 'claim to be made after they were stored',
  'arrived-out-of-order': 'arrived long after later ones',
  'time-before-seen': 'are new, but of a time before others that were seen',
  'too-many-new': 'came faster than usual and would push out good ones',
  'many-files-changed': 'changed very many files at once',
  'data-incompressible': 'hold new data that does not compress, as encrypted files do not',
};
const oddGerman: Readonly<Record<OddityCode, string>> = {
  'time-in-future': 'haben Zeiten in der Zukunft',
  'time-before-parent': 'sind älter als die, die sie fortsetzen',
  'time-after-arrival': 'wollen nach ihrer Ankunft entstanden sein',
  'arrived-out-of-order': 'kamen lange nach späteren an',
  'time-before-seen': 'sind neu, aber aus einer Zeit vor schon gesehenen',
  'too-many-new': 'kamen schneller als üblich und würden gute verdrängen',
  'many-files-changed': 'änderten sehr viele Dateien auf einmal',
  'data-incompressible': 'enthalten neue Daten, die sich wie verschlüsselte nicht komprimieren lassen',
};

const reasons = (values: Values, words: Readonly<Record<string, string>>, and: string): string =>
  text(values, 'reasons').split(',').flatMap((code) => words[code] ?? []).join(and);

const english = (f: AlertFormat): AlertSentences => ({
  destination_unreachable: (v) => `${text(v, 'place')} does not answer${because(v)}. What is stored there is unchanged, and jobs try again by themselves. Check that it is on and reachable.`,
  server_port_taken: (v) => `${text(v, 'url')} is used by another program. Jobs to other places go on. Stop that program, or give the server another port in the settings.`,
  server_hung: (v) => `The server of this computer at ${text(v, 'url')} does not answer. What it stored is safe, and uploads try again by themselves.`,
  server_ended: (v) => `The server of this computer at ${text(v, 'url')} has ended. What it stored is safe. It is started again by itself.`,
  disk_low: (v) => `Only ${f.bytes(number(v, 'bytes'))} are free on the disk of ${text(v, 'folder')}. What is stored is safe. Free some space, or back up to another place.`,
  repeated_failure: (v) => `${f.plural(number(v, 'count'), { one: 'The last job', other: 'The last # jobs' })} of ${text(v, 'what') === 'plan' ? 'a plan' : 'a place'} failed${because(v)}. Earlier copies are unchanged. Look at the latest job for what to do.`,
  connection_stalled: (v) => `A connection of ${text(v, 'client')} to the server of this computer moves no byte any more. A half-sent upload never becomes visible. The server ends it by itself, and the client tries again.`,
  agent_late: (v) => `CyberBackup answers up to ${f.number(number(v, 'ms'))} ms late. Jobs go on in processes of their own. Close what keeps this computer busy.`,
  queue_set_aside: (v) => `The job queue was damaged and set aside; a new one was begun. Copies, plans and settings are unchanged. Jobs that were waiting have to be started again. The damaged file is kept as ${text(v, 'files')}.`,
  damage_kept: (v) => `${f.plural(number(v, 'count'), { one: 'A damaged file was', other: '# damaged files were' })} set aside at an earlier start, and another took its place. No copy is touched. Look whether plans and settings are as you want them, then move or delete ${text(v, 'files')}.`,
  settings_repaired: (v) =>
    text(v, 'outcome') === 'lost'
      ? `The settings in ${text(v, 'folder')} could not be used: everything begins with defaults. No copy was touched. Enter plans and places again.`
      : `The settings in ${text(v, 'folder')} were damaged and were restored from their copy. Nothing is missing but, at most, the very last change.`,
  retention_frozen: (v) => `${f.plural(number(v, 'count'), { one: '# snapshot', other: '# snapshots' })} in ${text(v, 'place')} (${text(v, 'group')}): odd, since they ${reasons(v, oddEnglish, ', and ')}. Somebody may have forged them or spoilt your files. Nothing is forgotten on their account. Look at them; remove what is not yours, or confirm that all is yours.`,
  check_failed: (v) => `A check of CyberBackup itself failed (${text(v, 'check')}). Jobs go on. The log says why.`,
});

const german = (f: AlertFormat): AlertSentences => ({
  destination_unreachable: (v) => `${text(v, 'place')} antwortet nicht${because(v)}. Was dort gespeichert ist, ist unverändert, und Aufträge versuchen es von selbst erneut. Prüfen Sie, ob es eingeschaltet und erreichbar ist.`,
  server_port_taken: (v) => `${text(v, 'url')} benutzt ein anderes Programm. Aufträge an andere Orte gehen weiter. Beenden Sie jenes Programm, oder geben Sie dem Server in den Einstellungen einen anderen Port.`,
  server_hung: (v) => `Der Server dieses Rechners unter ${text(v, 'url')} antwortet nicht. Was er gespeichert hat, ist sicher, und Uploads versuchen es von selbst erneut.`,
  server_ended: (v) => `Der Server dieses Rechners unter ${text(v, 'url')} ist beendet. Was er gespeichert hat, ist sicher. Er wird von selbst wieder gestartet.`,
  disk_low: (v) => `Nur ${f.bytes(number(v, 'bytes'))} sind auf dem Laufwerk von ${text(v, 'folder')} frei. Was gespeichert ist, ist sicher. Schaffen Sie Platz, oder sichern Sie an einen anderen Ort.`,
  repeated_failure: (v) => `${f.plural(number(v, 'count'), { one: 'Der letzte Auftrag', other: 'Die letzten # Aufträge' })} ${text(v, 'what') === 'plan' ? 'eines Plans' : 'an einem Ort'} sind fehlgeschlagen${because(v)}. Frühere Kopien sind unverändert. Der neueste Auftrag sagt, was zu tun ist.`,
  connection_stalled: (v) => `Auf einer Verbindung von ${text(v, 'client')} zum Server dieses Rechners bewegt sich kein Byte mehr. Ein halber Upload wird nie sichtbar. Der Server beendet sie von selbst, und der Client versucht es erneut.`,
  agent_late: (v) => `CyberBackup antwortet bis zu ${f.number(number(v, 'ms'))} ms verspätet. Aufträge laufen in eigenen Prozessen weiter. Schließen Sie, was diesen Rechner beschäftigt.`,
  queue_set_aside: (v) => `Die Warteschlange war beschädigt und wurde beiseitegelegt; eine neue wurde begonnen. Kopien, Pläne und Einstellungen sind unverändert. Wartende Aufträge müssen neu gestartet werden. Die beschädigte Datei liegt als ${text(v, 'files')} bereit.`,
  damage_kept: (v) => `${f.plural(number(v, 'count'), { one: 'Eine beschädigte Datei wurde', other: '# beschädigte Dateien wurden' })} bei einem früheren Start beiseitegelegt und ersetzt. Keine Kopie ist berührt. Sehen Sie nach, ob Pläne und Einstellungen stimmen; dann verschieben oder löschen Sie ${text(v, 'files')}.`,
  settings_repaired: (v) =>
    text(v, 'outcome') === 'lost'
      ? `Die Einstellungen in ${text(v, 'folder')} waren nicht zu gebrauchen: Alles beginnt mit Vorgaben. Keine Kopie wurde berührt. Geben Sie Pläne und Orte erneut ein.`
      : `Die Einstellungen in ${text(v, 'folder')} waren beschädigt und wurden aus ihrer Kopie wiederhergestellt. Höchstens die allerletzte Änderung fehlt.`,
  retention_frozen: (v) => `${f.plural(number(v, 'count'), { one: '# Snapshot', other: '# Snapshots' })} in ${text(v, 'place')} (${text(v, 'group')}) sind auffällig: Sie ${reasons(v, oddGerman, ', und ')}. Jemand könnte sie gefälscht oder Ihre Dateien verdorben haben. Ihretwegen wird nichts entfernt. Sehen Sie sie an; entfernen Sie, was nicht von Ihnen ist, oder bestätigen Sie, dass alles von Ihnen ist.`,
  check_failed: (v) => `Eine Prüfung von CyberBackup selbst ist fehlgeschlagen (${text(v, 'check')}). Aufträge laufen weiter. Das Protokoll sagt, warum.`,
});

export const alertSentences = { en: english, de: german } as const;

export function alertText({ code, values }: Pick<Alert, 'code' | 'values'>, sentences: AlertSentences): string {
  return sentences[code](values);
}
