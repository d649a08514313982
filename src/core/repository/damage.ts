/**
 * The one way to say that something stored is damaged: which object, what is wrong with it, what is safe, what to do.
 */
import { Failure } from '../../shared/errors.ts';

/** `what`: a sentence that names the object, without the final stop. */
export function damaged(what: string, options: { readonly cause?: unknown; readonly next?: string } = {}): Failure {
  return new Failure(
    'DAMAGED',
    {
      what,
      safe: 'Nothing was changed, and everything that does not need this object stays readable',
      next: options.next ?? 'Run `cyberbackup check` to see what else is affected, and back up again to store fresh copies',
    },
    options.cause === undefined ? undefined : { cause: options.cause },
  );
}
