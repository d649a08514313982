/** Every text that the shell itself shows, in English and German; the interface has a catalogue of its own. */

import { alertSentences } from '../shared/alert-sentences.ts';
import type { AlertFormat, AlertSentences } from '../shared/alert-sentences.ts';

export interface ShellText {
  readonly idle: string;
  readonly running: (jobs: number) => string;
  readonly paused: (until: string | undefined) => string;
  readonly attention: (alerts: number) => string;
  readonly nameAndProgress: (name: string, percent: number) => string;
  readonly moreThan: (names: string, more: number) => string;
  readonly backup: string;
  readonly restore: string;
  readonly check: string;
  readonly forget: string;
  readonly prune: string;
  readonly backUpNow: string;
  readonly backUpFiles: string;
  readonly restoreFile: string;
  readonly pause: string;
  readonly pauseHour: string;
  readonly pauseTomorrow: string;
  readonly pauseOpen: string;
  readonly resumeAll: string;
  readonly cancelAll: string;
  readonly recent: string;
  readonly open: string;
  readonly settings: string;
  readonly atLogin: string;
  readonly about: string;
  readonly quit: string;
  readonly file: string;
  readonly edit: string;
  readonly view: string;
  readonly window: string;
  readonly help: string;
  readonly keys: string;
  readonly palette: string;
  readonly phase: Readonly<Record<'COMPLETED' | 'PARTIAL' | 'FAILED' | 'CANCELLED', string>>;
  readonly quitQuestion: (jobs: number) => string;
  readonly quitDetail: string;
  readonly quitNow: string;
  readonly keepRunning: string;
  readonly cancelQuestion: (jobs: number) => string;
  readonly cancelDetail: string;
  readonly cancelReason: string;
  readonly nothingToCancel: string;
  readonly close: string;
  readonly updateReady: (version: string) => string;
  readonly updateReadyText: string;
  readonly notStarted: string;
  readonly openInBrowser: string;
  readonly keychainQuestion: string;
  readonly keychainDetail: string;
  readonly keepInFile: string;
  readonly keepInMemory: string;
  readonly alerts: AlertSentences;
}

const english: ShellText = {
  idle: 'Nothing runs',
  running: (jobs) => (jobs === 1 ? '1 job running' : `${jobs} jobs running`),
  paused: (until) => (until === undefined ? 'Paused until resumed' : `Paused until ${until}`),
  attention: (alerts) => (alerts === 1 ? '1 thing needs you' : `${alerts} things need you`),
  nameAndProgress: (name, percent) => `${name}: ${percent} %`,
  moreThan: (names, more) => `${names} and ${more} more`,
  backup: 'Backup',
  restore: 'Restore',
  check: 'Check',
  forget: 'Removing snapshots',
  prune: 'Freeing space',
  backUpNow: 'Back up now',
  backUpFiles: 'Back up files…',
  restoreFile: 'Restore a file…',
  pause: 'Pause',
  pauseHour: 'For 1 hour',
  pauseTomorrow: 'Until tomorrow',
  pauseOpen: 'Until resumed',
  resumeAll: 'Resume all',
  cancelAll: 'Cancel all…',
  recent: 'Recent jobs',
  open: 'Open CyberBackup',
  settings: 'Settings…',
  atLogin: 'Start at log-in',
  about: 'About CyberBackup',
  quit: 'Quit…',
  file: 'File',
  edit: 'Edit',
  view: 'View',
  window: 'Window',
  help: 'Help',
  keys: 'All keys',
  palette: 'Commands…',
  phase: { COMPLETED: 'completed', PARTIAL: 'completed, some files skipped', FAILED: 'failed', CANCELLED: 'cancelled' },
  quitQuestion: (jobs) => (jobs === 1 ? 'Quit while a job runs?' : `Quit while ${jobs} jobs run?`),
  quitDetail: 'What they stored stays stored, and they go on with the next start. Until then nothing is backed up. Closing the window instead lets them run.',
  quitNow: 'Quit',
  keepRunning: 'Keep running',
  cancelQuestion: (jobs) => (jobs === 1 ? 'Cancel the running job?' : `Cancel all ${jobs} jobs?`),
  cancelDetail: 'Earlier snapshots are untouched, and what was stored is used by the next backup.',
  cancelReason: 'Cancelled from the tray',
  nothingToCancel: 'There is no job to cancel',
  close: 'Close',
  updateReady: (version) => `CyberBackup ${version} is ready`,
  updateReadyText: 'It is installed when you quit. Jobs go on as they are.',
  notStarted: 'CyberBackup could not start',
  openInBrowser: 'Open in the browser',
  keychainQuestion: 'Keep passwords in a file?',
  keychainDetail: 'This computer offers no keychain that protects them. In a file, only your user account can read them. Otherwise they are kept until you quit, and plans ask for them after the next start.',
  keepInFile: 'Keep in a file',
  keepInMemory: 'Until I quit',  alerts: alertSentences.en(numbersOf('en')),
};

const german: ShellText = {
  idle: 'Nichts läuft',
  running: (jobs) => (jobs === 1 ? '1 Auftrag läuft' : `${jobs} Aufträge laufen`),
  paused: (until) => (until === undefined ? 'Pausiert bis zum Fortsetzen' : `Pausiert bis ${until}`),
  attention: (alerts) => (alerts === 1 ? '1 Sache braucht dich' : `${alerts} Sachen brauchen dich`),
  nameAndProgress: (name, percent) => `${name}: ${percent} %`,
  moreThan: (names, more) => `${names} und ${more} weitere`,
  backup: 'Sicherung',
  restore: 'Wiederherstellung',
  check: 'Prüfung',
  forget: 'Entfernen von Snapshots',
  prune: 'Freigeben von Platz',
  backUpNow: 'Jetzt sichern',
  backUpFiles: 'Dateien sichern …',
  restoreFile: 'Datei wiederherstellen …',
  pause: 'Pausieren',
  pauseHour: 'Für 1 Stunde',
  pauseTomorrow: 'Bis morgen',
  pauseOpen: 'Bis zum Fortsetzen',
  resumeAll: 'Alle fortsetzen',
  cancelAll: 'Alle abbrechen …',
  recent: 'Letzte Aufträge',
  open: 'CyberBackup öffnen',
  settings: 'Einstellungen …',
  atLogin: 'Bei der Anmeldung starten',
  about: 'Über CyberBackup',
  quit: 'Beenden …',
  file: 'Datei',
  edit: 'Bearbeiten',
  view: 'Ansicht',
  window: 'Fenster',
  help: 'Hilfe',
  keys: 'Alle Tasten',
  palette: 'Befehle …',
  phase: { COMPLETED: 'abgeschlossen', PARTIAL: 'abgeschlossen, einige Dateien ausgelassen', FAILED: 'fehlgeschlagen', CANCELLED: 'abgebrochen' },
  quitQuestion: (jobs) => (jobs === 1 ? 'Beenden, während ein Auftrag läuft?' : `Beenden, während ${jobs} Aufträge laufen?`),
  quitDetail: 'Was gespeichert ist, bleibt gespeichert, und beim nächsten Start geht es weiter. Bis dahin wird nichts gesichert. Wird stattdessen das Fenster geschlossen, laufen sie weiter.',
  quitNow: 'Beenden',
  keepRunning: 'Weiterlaufen lassen',
  cancelQuestion: (jobs) => (jobs === 1 ? 'Den laufenden Auftrag abbrechen?' : `Alle ${jobs} Aufträge abbrechen?`),
  cancelDetail: 'Frühere Stände bleiben unberührt, und was gespeichert ist, nutzt die nächste Sicherung.',
  cancelReason: 'Aus dem Infobereich abgebrochen',
  nothingToCancel: 'Es gibt keinen Auftrag zum Abbrechen',
  close: 'Schließen',
  updateReady: (version) => `CyberBackup ${version} liegt bereit`,
  updateReadyText: 'Es wird beim Beenden eingerichtet. Aufträge laufen weiter wie bisher.',
  notStarted: 'CyberBackup konnte nicht starten',
  openInBrowser: 'Im Browser öffnen',
  keychainQuestion: 'Passwörter in einer Datei aufbewahren?',
  keychainDetail: 'Dieser Computer bietet keinen Schlüsselbund, der sie schützt. In einer Datei kann nur dein Benutzerkonto sie lesen. Sonst gelten sie bis zum Beenden, und Pläne fragen nach dem nächsten Start danach.',
  keepInFile: 'In einer Datei',
  keepInMemory: 'Bis zum Beenden',
  alerts: alertSentences.de(numbersOf('de')),
};

/** Numbers as sentences of alerts have them. */
function numbersOf(language: string): AlertFormat {
  const number = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });
  const plurals = new Intl.PluralRules(language);
  return {
    number: (value) => number.format(value),
    bytes: (count) => (count < 1e9 ? `${number.format(count / 1e6)} MB` : `${number.format(count / 1e9)} GB`),
    plural: (count, { one, other }) => (plurals.select(count) === 'one' ? one : other).replaceAll('#', number.format(count)),
  };
}

/** By the language of the system, as in `de-AT`. */
export function shellText(locale: string): ShellText {
  return /^de\b/i.test(locale) ? german : english;
}
