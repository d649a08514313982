/** Texts of the overview. */
import type { Schedule } from '../../../shared/contract/schemas/plan.ts';
import { defineMessages } from '../../lib/messages/messages.ts';

export const messages = defineMessages(
  (f) => ({
    nothingYet: 'Nothing is protected yet',
    nothingYetText: 'Choose folders, a place and a password. It takes about a minute.',
    setUp: 'Set up in 3 steps',
    openExisting: 'Open an existing repository…',
    dropHint: 'Or drop files and folders anywhere in this window',
    sealed: 'Sealed here',
    sealedText: 'Encrypted before it leaves this computer',
    small: 'Small',
    smallText: 'Repeated data is stored once',
    free: 'Never locked in',
    freeText: 'Stock restic opens the same copies',
    unreachable: (place: string) => `${place} cannot be reached`,
    unreachableText: (count: number) => f.plural(count, { one: '# job waits for it and goes on by itself.', other: '# jobs wait for it and go on by themselves.' }),
    connection: 'Connection…',
    needYou: (count: number) => f.plural(count, { one: '# plan needs you', other: '# plans need you' }),
    needYouText: (names: string) => `The last runs of ${names} failed. Earlier copies are untouched.`,
    overdueText: (names: string, count: number) => `${names} ${count === 1 ? 'has no recent copy' : 'have no recent copies'}. What was copied before is safe. Back up now, or look whether the drive or server is there.`,
    away: (names: string, count: number) => `${names} ${count === 1 ? 'waits for its drive' : 'wait for their drives'}.`,
    lagging: (names: string, count: number) => `${names} ${count === 1 ? 'lags behind' : 'lag behind'}; the same files have newer copies elsewhere.`,
    limit: (ago: string, limit: string) => `${ago}, limit ${limit}`,
    waitsForDrive: 'waits for its drive',
    firstTime: 'Backing up for the first time',
    firstTimeText: 'The smallest folder goes first, so files are safe soon.',
    allBackedUp: 'Everything is backed up',
    newest: (ago: string) => `Newest copy ${ago}.`,
    noneYet: 'No copy yet. The first one is made at the next run, or now.',
    readyTitle: 'Ready for the first backup',
    unplanned: 'Copies exist, and no plan renews them',
    unplannedText: (ago: string) => `Newest copy ${ago}. Files that change after it are not backed up by themselves.`,
    makePlan: 'Make a plan',
    pausedUntil: (moment: string) => `Paused until ${moment}.`,
    paused: 'Paused until resumed.',
    resume: 'Resume',
    backUpFiles: 'Back up files…',
    backUpNow: 'Back up now',
    choosePlan: 'Choose a plan',
    showJobs: 'Show the jobs',
    tryNow: 'Try now',
    protects: 'Protected',
    protectsNote: (files: number, plans: number) => `${f.plural(files, { one: '# file', other: '# files' })}, ${f.plural(plans, { one: '# plan', other: '# plans' })}`,
    snapshots: 'Snapshots',
    snapshotsSince: (date: string) => `since ${date}`,
    newestCopy: 'Newest copy',
    copies: 'Copies',
    placesCount: (count: number) => f.plural(count, { one: '# place', other: '# places' }),
    elsewhere: (count: number) => f.plural(count, { one: '# outside this computer', other: '# outside this computer' }),
    onlyHere: 'on this computer only',
    none: 'none yet',
    runningNow: 'Running now',
    runningCount: (jobs: number, waiting: number) => `${f.plural(jobs, { one: '# job', other: '# jobs' })}${waiting === 0 ? '' : `, ${f.number(waiting)} waiting`}`,
    allJobs: (count: number) => f.plural(count, { one: 'and # more', other: 'and # more' }),
    plans: 'Plans',
    newPlan: 'New plan',
    plan: 'Plan',
    where: 'Where',
    nextRun: 'Next run',
    last30: 'Last 30 days',
    protectsColumn: 'Protects',
    running: (percent: string) => `Running, ${percent}`,
    noCopy: 'No copy yet',
    failed: 'Last run failed',
    manual: 'By hand',
    off: 'Switched off',
    pausedPlan: 'Paused',
    onDemand: 'when you say so',
    schedule: (schedule: Schedule) => {
      switch (schedule.kind) {
        case 'manual':
          return 'when you say so';
        case 'minutes':
          return f.plural(schedule.every, { one: 'every minute', other: 'every # minutes' });
        case 'hours':
          return f.plural(schedule.every, { one: 'hourly', other: 'every # hours' });
        case 'daily':
          return 'daily';
        case 'weekly':
          return 'weekly';
        case 'monthly':
          return 'monthly';
        default:
          return 'own schedule';
      }
    },
    strip: (complete: number, partial: number, failed: number) => `Last 30 days: ${f.number(complete)} complete, ${f.number(partial)} with skipped files, ${f.number(failed)} failed`,
    runPlan: (name: string) => `Back up ${name}`,
  }),
  (f) => ({
    nothingYet: 'Noch ist nichts geschützt',
    nothingYetText: 'Wählen Sie Ordner, einen Ort und ein Passwort. Es dauert etwa eine Minute.',
    setUp: 'In 3 Schritten einrichten',
    openExisting: 'Vorhandenes Repository öffnen …',
    dropHint: 'Oder legen Sie Dateien und Ordner irgendwo in diesem Fenster ab',
    sealed: 'Hier versiegelt',
    sealedText: 'Verschlüsselt, bevor etwas diesen Rechner verlässt',
    small: 'Sparsam',
    smallText: 'Wiederholtes wird einmal gespeichert',
    free: 'Nie eingesperrt',
    freeText: 'Auch restic öffnet dieselben Kopien',
    unreachable: (place: string) => `${place} ist nicht erreichbar`,
    unreachableText: (count: number) => f.plural(count, { one: '# Auftrag wartet darauf und läuft von selbst weiter.', other: '# Aufträge warten darauf und laufen von selbst weiter.' }),
    connection: 'Verbindung …',
    needYou: (count: number) => f.plural(count, { one: '# Plan braucht Sie', other: '# Pläne brauchen Sie' }),
    needYouText: (names: string) => `Die letzten Läufe von ${names} sind fehlgeschlagen. Frühere Kopien sind unberührt.`,
    overdueText: (names: string, count: number) => `${names} ${count === 1 ? 'hat' : 'haben'} keine neue Kopie. Was früher kopiert wurde, ist sicher. Sichern Sie jetzt, oder sehen Sie nach, ob Laufwerk oder Server da sind.`,
    away: (names: string, count: number) => `${names} ${count === 1 ? 'wartet auf sein Laufwerk' : 'warten auf ihre Laufwerke'}.`,
    lagging: (names: string, count: number) => `${names} ${count === 1 ? 'ist' : 'sind'} im Rückstand; dieselben Dateien haben anderswo neuere Kopien.`,
    limit: (ago: string, limit: string) => `${ago}, Grenze ${limit}`,
    waitsForDrive: 'wartet auf sein Laufwerk',
    firstTime: 'Zum ersten Mal wird gesichert',
    firstTimeText: 'Der kleinste Ordner kommt zuerst, so sind bald Dateien sicher.',
    allBackedUp: 'Alles ist gesichert',
    newest: (ago: string) => `Neueste Kopie: ${ago}.`,
    noneYet: 'Noch keine Kopie. Die erste entsteht beim nächsten Lauf oder jetzt.',
    readyTitle: 'Bereit für die erste Sicherung',
    unplanned: 'Kopien sind da, aber kein Plan erneuert sie',
    unplannedText: (ago: string) => `Neueste Kopie: ${ago}. Was sich danach ändert, wird nicht von selbst gesichert.`,
    makePlan: 'Plan anlegen',
    pausedUntil: (moment: string) => `Angehalten bis ${moment}.`,
    paused: 'Angehalten, bis Sie fortsetzen.',
    resume: 'Fortsetzen',
    backUpFiles: 'Dateien sichern …',
    backUpNow: 'Jetzt sichern',
    choosePlan: 'Plan wählen',
    showJobs: 'Aufträge zeigen',
    tryNow: 'Jetzt versuchen',
    protects: 'Geschützt',
    protectsNote: (files: number, plans: number) => `${f.plural(files, { one: '# Datei', other: '# Dateien' })}, ${f.plural(plans, { one: '# Plan', other: '# Pläne' })}`,
    snapshots: 'Schnappschüsse',
    snapshotsSince: (date: string) => `seit ${date}`,
    newestCopy: 'Neueste Kopie',
    copies: 'Kopien',
    placesCount: (count: number) => f.plural(count, { one: '# Ort', other: '# Orte' }),
    elsewhere: (count: number) => f.plural(count, { one: '# außerhalb dieses Rechners', other: '# außerhalb dieses Rechners' }),
    onlyHere: 'nur auf diesem Rechner',
    none: 'noch keine',
    runningNow: 'Läuft gerade',
    runningCount: (jobs: number, waiting: number) => `${f.plural(jobs, { one: '# Auftrag', other: '# Aufträge' })}${waiting === 0 ? '' : `, ${f.number(waiting)} warten`}`,
    allJobs: (count: number) => f.plural(count, { one: 'und # weiterer', other: 'und # weitere' }),
    plans: 'Pläne',
    newPlan: 'Neuer Plan',
    plan: 'Plan',
    where: 'Wohin',
    nextRun: 'Nächster Lauf',
    last30: 'Letzte 30 Tage',
    protectsColumn: 'Schützt',
    running: (percent: string) => `Läuft, ${percent}`,
    noCopy: 'Noch keine Kopie',
    failed: 'Letzter Lauf fehlgeschlagen',
    manual: 'Von Hand',
    off: 'Ausgeschaltet',
    pausedPlan: 'Angehalten',
    onDemand: 'wenn Sie es sagen',
    schedule: (schedule: Schedule) => {
      switch (schedule.kind) {
        case 'manual':
          return 'wenn Sie es sagen';
        case 'minutes':
          return f.plural(schedule.every, { one: 'jede Minute', other: 'alle # Minuten' });
        case 'hours':
          return f.plural(schedule.every, { one: 'stündlich', other: 'alle # Stunden' });
        case 'daily':
          return 'täglich';
        case 'weekly':
          return 'wöchentlich';
        case 'monthly':
          return 'monatlich';
        default:
          return 'eigener Zeitplan';
      }
    },
    strip: (complete: number, partial: number, failed: number) => `Letzte 30 Tage: ${f.number(complete)} vollständig, ${f.number(partial)} mit ausgelassenen Dateien, ${f.number(failed)} fehlgeschlagen`,
    runPlan: (name: string) => `${name} sichern`,
  }),
);
