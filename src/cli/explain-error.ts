/**
 * Turns whatever was thrown into the one line that a person gets: `cyberbackup: <what>. <safe>. <next>.`
 *
 * What has no failure (core/storage/failure-of.ts) is a defect of the program and says so.
 */
import { failureOf } from '../core/storage/failure-of.ts';
import { Failure } from '../shared/errors.ts';
import { interruptedFailure } from './interrupt.ts';
import { visibleText } from './output/visible-text.ts';

/** The failure that stands for a thrown value. An aborted signal's reason wins over what its abort caused. */
export function toFailure(error: unknown, signal?: AbortSignal): Failure {
  if (signal?.aborted === true) return signal.reason instanceof Failure ? signal.reason : interruptedFailure();
  const failure = failureOf(error);
  if (failure !== undefined) return failure;
  const message = error instanceof Error ? error.message : String(error);
  return new Failure(
    'INTERNAL',
    { what: `An unexpected error: ${message}`, safe: 'Everything stored earlier is unchanged', next: 'Run the command again with --verbose to see where, and report it' },
    { cause: error },
  );
}

/** The line for standard error, without its end. One line, whatever the texts hold. */
export function failureLine(failure: Failure): string {
  const sentences = [failure.text.what, failure.text.safe, failure.text.next]
    .filter((text) => text !== undefined && text !== '')
    .map((text) => withStop(visibleText(String(text).replace(/\s*\n\s*/g, ' '))));
  return `cyberbackup: ${sentences.join(' ')}`;
}

function withStop(sentence: string): string {
  const bare = sentence.replace(/[.\s]+$/, '');
  return bare.endsWith('?') ? bare : `${bare}.`;
}

/** Stack of an error and of its causes, for `--verbose`. */
export function errorDetails(failure: Failure): string {
  const lines: string[] = [`code ${failure.code}`];
  for (let error: unknown = failure, depth = 0; error instanceof Error && depth < 6; error = error.cause, depth += 1) {
    lines.push(`${depth === 0 ? '' : 'caused by '}${error.stack ?? error.message}`);
  }
  return lines.map((line) => line.split('\n').map(visibleText).join('\n')).join('\n');
}
