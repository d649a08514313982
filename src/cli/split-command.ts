/**
 * Splits the text of a password command into program and arguments, the way restic does: at white space outside quotes;
 * single and double quotes hold a piece together; a backslash before a quote makes it an ordinary character. No shell
 * ever sees the text, so nothing in it is expanded.
 */
import { Failure } from '../shared/errors.ts';

/** Throws `CONFIGURATION` for an open quote or an empty text. */
export function splitCommand(text: string): [program: string, ...args: string[]] {
  const pieces: string[] = [];
  let piece = '';
  let started = false;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\' && (text[at + 1] === '"' || text[at + 1] === "'")) {
      piece += text.charAt(at + 1);
      started = true;
      at += 1;
    } else if (quote !== undefined && character === quote) {
      quote = undefined;
    } else if (quote === undefined && (character === '"' || character === "'")) {
      quote = character;
      started = true;
    } else if (quote === undefined && /\s/.test(character)) {
      if (started) pieces.push(piece);
      piece = '';
      started = false;
    } else {
      piece += character;
      started = true;
    }
  }
  if (quote !== undefined) throw invalid('has a quote that is not closed');
  if (started) pieces.push(piece);
  const [program, ...args] = pieces;
  if (program === undefined || program === '') throw invalid('is empty');
  return [program, ...args];
}

function invalid(problem: string): Failure {
  return new Failure('CONFIGURATION', { what: `The password command ${problem}`, next: 'Correct CYBERBACKUP_PASSWORD_COMMAND' });
}
