/**
 * Every operation, once. HTTP routes, the OpenAPI document, the typed client, IPC and the checks on both ends are derived
 * from this list.
 */
import type { z } from 'zod';
import { historyOperations } from './operations/history.ts';
import { jobOperations } from './operations/jobs.ts';
import { machineOperations } from './operations/machine.ts';
import { observabilityOperations } from './operations/observability.ts';
import { planOperations } from './operations/plans.ts';
import { repositoryOperations } from './operations/repositories.ts';
import { retentionOperations } from './operations/retention.ts';
import { serverOperations } from './operations/server.ts';

export const operations = { ...jobOperations, ...repositoryOperations, ...historyOperations, ...retentionOperations, ...planOperations, ...serverOperations, ...machineOperations, ...observabilityOperations } as const;

export type Operations = typeof operations;
export type OperationName = keyof Operations;
/** What a caller gives: fields with defaults may be left out. */
export type OperationInput<Name extends OperationName> = z.input<Operations[Name]['input']>;
/** What a handler gets: checked, defaults filled in. */
export type CheckedInput<Name extends OperationName> = z.output<Operations[Name]['input']>;
export type OperationOutput<Name extends OperationName> = z.output<Operations[Name]['output']>;

export const operationNames = Object.keys(operations) as OperationName[];
