/** Repositories that the agent knows, and what is in them. */
import { z } from 'zod';
import { operation, readerErrors } from '../operation.ts';
import { identifier, snapshotSelector, success } from '../schemas/common.ts';
import { connectionTest, diagnosisStep, newRepository, recoverySheet, repository, restorePreview, snapshot, treeEntry } from '../schemas/repository.ts';

/** The embedded repository's password is a line of a file. */
const keptPassword = z.string().trim().regex(/^\P{Cc}{1,1024}$/u, 'a password is one line, without control characters');
const oneRepository = z.strictObject({ repository_id: identifier });

export const repositoryOperations = {
  list_repositories: operation({
    method: 'GET',
    path: '/api/repositories',
    description: 'The repositories that the agent knows.',
    input: z.strictObject({}),
    output: z.strictObject({ repositories: z.array(repository) }),
    errors: [],
  }),
  add_repository: operation({
    method: 'POST',
    path: '/api/repositories',
    description: 'Adds a repository: an existing one after its password opened it, or a new one.',
    input: newRepository,
    output: repository,
    errors: ['USAGE', 'REPOSITORY_MISSING', 'REPOSITORY_EXISTS', 'REPOSITORY_VERSION', 'WRONG_PASSWORD', 'STORAGE_UNREACHABLE', 'STORAGE_DENIED', 'STORAGE_FULL', 'STORAGE_FAILED', 'FINGERPRINT_CHANGED', 'DAMAGED'],
  }),
  test_repository: operation({
    method: 'POST',
    path: '/api/repositories/test',
    description: 'Tries a connection without keeping anything.',
    input: newRepository.omit({ name: true, create: true }).partial({ password: true }),
    output: connectionTest,
    errors: ['USAGE'],
  }),
  set_up_default_repository: operation({
    method: 'POST',
    path: '/api/default_repository',
    description: 'Makes the repository of this computer, with a password of the person or a generated one; again with the same password it changes nothing.',
    input: z.strictObject({ password: keptPassword.optional() }),
    output: repository,
    errors: ['REPOSITORY_EXISTS', 'STORAGE_DENIED', 'STORAGE_FULL', 'STORAGE_FAILED'],
  }),
  get_recovery_sheet: operation({
    method: 'POST',
    path: '/api/repositories/{repository_id}/recovery_sheet',
    description: 'The recovery sheet of a repository. It holds the password: ask only when a person wants it.',
    input: oneRepository,
    output: recoverySheet,
    errors: ['REPOSITORY_NOT_FOUND', 'PASSWORD_MISSING'],
  }),
  draft_recovery_sheet: operation({
    method: 'POST',
    path: '/api/recovery_sheet',
    description: 'The recovery sheet of a repository that is about to be made, with the password that was given.',
    input: z.strictObject({ url: newRepository.shape.url.optional().describe('default: the repository of this computer'), password: keptPassword }),
    output: recoverySheet,
    errors: [],
  }),
  check_password: operation({
    method: 'POST',
    path: '/api/repositories/{repository_id}/check_password',
    description: 'Says whether a password is the one that is stored for a repository, as when a person has written it down.',
    input: oneRepository.extend({ password: newRepository.shape.password }),
    output: z.strictObject({ matches: z.boolean() }),
    errors: ['REPOSITORY_NOT_FOUND', 'PASSWORD_MISSING'],
  }),
  get_repository: operation({
    method: 'GET',
    path: '/api/repositories/{repository_id}',
    description: 'One repository.',
    input: oneRepository,
    output: repository,
    errors: ['REPOSITORY_NOT_FOUND'],
  }),
  update_repository: operation({
    method: 'PUT',
    path: '/api/repositories/{repository_id}',
    description: 'Gives a repository another name, password or pinned certificate, after trying them.',
    input: oneRepository.extend(newRepository.pick({ name: true, password: true, certificate_fingerprint: true }).partial().shape),
    output: repository,
    errors: ['REPOSITORY_NOT_FOUND', 'WRONG_PASSWORD', 'STORAGE_UNREACHABLE', 'STORAGE_DENIED', 'FINGERPRINT_CHANGED'],
  }),
  remove_repository: operation({
    method: 'DELETE',
    path: '/api/repositories/{repository_id}',
    description: 'Forgets a repository here; what is stored in it stays.',
    input: oneRepository,
    output: success,
    errors: ['REPOSITORY_NOT_FOUND', 'REPOSITORY_IN_USE'],
  }),
  diagnose_repository: operation({
    method: 'GET',
    path: '/api/repositories/{repository_id}/diagnosis',
    description: 'Looks step by step why a repository does not answer: network, name, port, answer, or folder. The first step that fails is the last.',
    input: oneRepository,
    output: z.strictObject({ location: z.string(), steps: z.array(diagnosisStep) }),
    errors: ['REPOSITORY_NOT_FOUND'],
  }),
  list_snapshots: operation({
    method: 'GET',
    path: '/api/repositories/{repository_id}/snapshots',
    description: 'The snapshots of a repository, newest first.',
    input: oneRepository,
    output: z.strictObject({ snapshots: z.array(snapshot) }),
    errors: readerErrors,
  }),
  preview_restore: operation({
    method: 'POST',
    path: '/api/repositories/{repository_id}/snapshots/{snapshot}/preview',
    description: 'Says what restoring entries of a folder would write, and what is in the way.',
    input: oneRepository.extend({
      snapshot: snapshotSelector,
      path: z.string().max(65_536).default('/').describe('the folder'),
      names: z.array(z.string().min(1).max(4096)).max(1000).default([]).describe('its entries; none: all'),
      except: z.array(z.string().min(1).max(4096)).max(1000).default([]).describe('entries that stay out'),
      target: z.string().min(1).max(65_536).describe('absolute; the entries go into it'),
    }),
    output: restorePreview,
    errors: [...readerErrors, 'SNAPSHOT_NOT_FOUND', 'PATH_NOT_FOUND'],
  }),
  list_tree: operation({
    method: 'GET',
    path: '/api/repositories/{repository_id}/snapshots/{snapshot}/tree',
    description: 'A folder of a snapshot, page by page.',
    input: oneRepository.extend({
      snapshot: snapshotSelector,
      path: z.string().max(65_536).default('/'),
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(10_000).default(1000),
      order: z.enum(['stored', 'folders']).default('stored').describe('"folders": folders before files, each by name as people sort'),
    }),
    output: z.strictObject({ path: z.string(), total: z.number().int().nonnegative(), entries: z.array(treeEntry) }),
    errors: [...readerErrors, 'SNAPSHOT_NOT_FOUND', 'PATH_NOT_FOUND'],
  }),
} as const;
