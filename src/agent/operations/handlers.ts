/**
 * A handler for each operation of the contract, whatever transport carries it.
 *
 * Invariants: a handler gets a checked input; what only the machine can check (does the path exist, is there such a
 * repository) it checks before it changes anything.
 */
import { checkInput } from '../../shared/contract/check-input.ts';
import { operations } from '../../shared/contract/operations.ts';
import type { OperationName, OperationOutput } from '../../shared/contract/operations.ts';
import { historyHandlers } from './history.ts';
import { jobHandlers } from './jobs.ts';
import { machineHandlers } from './machine.ts';
import { observabilityHandlers } from './observability.ts';
import { planHandlers } from './plans.ts';
import { repositoryHandlers } from './repositories.ts';
import { retentionHandlers } from './retention.ts';
import { serverHandlers } from './server.ts';
import { withFieldAtFault } from './field-at-fault.ts';
import type { Handlers, OperationContext, Services } from './services.ts';

export function createHandlers(services: Services): Handlers {
  return { ...jobHandlers(services), ...repositoryHandlers(services), ...historyHandlers(services), ...retentionHandlers(services), ...planHandlers(services), ...serverHandlers(services), ...machineHandlers(services), ...observabilityHandlers(services) };
}

export interface RunOptions {
  /** Throws where a handler gives something else than the contract says: for development and tests. */
  readonly checkOutput: boolean;
}

/** Checks the input, does the operation, and gives its output. */
export async function runOperation<Name extends OperationName>(handlers: Handlers, name: Name, input: unknown, context: OperationContext, { checkOutput }: RunOptions): Promise<OperationOutput<Name>> {
  const checked = checkInput(name, input);
  const output = await handlers[name](checked, context).catch((error: unknown) => {
    throw withFieldAtFault(error, checked);
  });
  if (checkOutput) {
    const { error } = operations[name].output.safeParse(output);
    if (error !== undefined) throw new TypeError(`${name} answered what its schema refuses: ${error.message}`);
  }
  return output;
}
