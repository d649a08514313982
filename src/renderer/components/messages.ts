/** Texts of the components. */
import { defineMessages } from '../lib/messages/messages.ts';

export const messages = defineMessages(
  () => ({
    close: 'Close',
    whatHappened: 'What happened',
    whatIsSafe: 'What is safe',
    whatToDo: 'What to do',
    safe: 'Safe:',
    todo: 'Do:',
    nothingAtRisk: 'Nothing was at risk.',
    tryAgain: 'Try it again. If it stays, look at the log of the agent.',
    unexpected: 'Something went wrong inside the program.',
    loading: 'Loading',
    retry: 'Try again',
    counting: 'Counting',
    notices: 'Notices',
  }),
  () => ({
    close: 'Schließen',
    whatHappened: 'Was ist passiert',
    whatIsSafe: 'Was ist sicher',
    whatToDo: 'Was ist zu tun',
    safe: 'Sicher:',
    todo: 'Tun:',
    nothingAtRisk: 'Nichts war in Gefahr.',
    tryAgain: 'Noch einmal versuchen. Bleibt es dabei, hilft das Protokoll des Agenten.',
    unexpected: 'Im Programm ist etwas schiefgegangen.',
    loading: 'Wird geladen',
    retry: 'Erneut versuchen',
    counting: 'Wird gezählt',
    notices: 'Mitteilungen',
  }),
);
