/** The sentences of alerts as a catalogue of the interface. */
import { alertSentences } from '../../../shared/alert-sentences.ts';
import { defineMessages } from '../../lib/messages/messages.ts';

export const messages = defineMessages(alertSentences.en, alertSentences.de);
