import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeTestRepository } from '../../cli/testing/test-repository.ts';
import { password } from '../../cli/testing/cli-process.ts';
import { systemClock } from '../../core/platform/clock.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import { RepositoriesWorld } from './testing/repositories-world.ts';
import { repositoryUse, type UseRepository } from './with-repository.ts';

let world: RepositoriesWorld;
let use: UseRepository;
let id: string;

beforeEach(async () => {
  world = new RepositoriesWorld();
  const url = await makeTestRepository(`${world.folder}/repository`);
  ({ repository_id: id } = await world.repositories.add({ url, password, create: false }));
  use = repositoryUse(world.repositories, { clock: systemClock, logger: silentLogger, home: world.home });
});

afterEach(() => world.dispose());

it('is open for the work, which knows who may leave', async () => {
  const leaving = new AbortController();
  expect(await use(id, async (repository, signal) => [repository.config.version, signal], leaving.signal)).toEqual([2, leaving.signal]);
});

it('is opened for nobody who has left', async () => {
  const begun: string[] = [];
  await expect(use(id, async () => begun.push('begun'), AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
  expect(begun).toEqual([]);
});

it('says why it was given up, not what that made of a request', async () => {
  const leaving = new AbortController();
  const work = use(id, async () => {
    leaving.abort(new Error('left'));
    throw new Error('the socket is closed');
  }, leaving.signal);
  await expect(work).rejects.toThrow('left');
});
