/** A repository of an agent, a folder that is backed up to it, and questions about it as the agent asks them of a reader. */
import { expect } from 'vitest';
import { password } from '../../../cli/testing/cli-process.ts';
import { makeTestRepository } from '../../../cli/testing/test-repository.ts';
import { checkInput } from '../../../shared/contract/check-input.ts';
import { operations, type CheckedInput, type OperationInput, type OperationOutput } from '../../../shared/contract/operations.ts';
import { newRepository } from '../../../shared/contract/schemas/repository.ts';
import type { ReaderQuestion } from '../../../shared/reader-protocol.ts';
import { RepositoriesWorld } from '../../repositories/testing/repositories-world.ts';

export type Question<Name extends ReaderQuestion> = Omit<OperationInput<Name>, 'repository_id'>;

export class AskedRepository {
  readonly world: RepositoriesWorld;
  readonly url: string;
  /** The folder that is backed up. */
  readonly source: string;
  readonly id: string;

  private constructor(world: RepositoriesWorld, url: string, id: string) {
    this.world = world;
    this.url = url;
    this.source = world.path('source');
    this.id = id;
  }

  static async make(): Promise<AskedRepository> {
    const world = new RepositoriesWorld();
    const url = await makeTestRepository(world.path('repository'));
    const { repository_id: id } = await world.repositories.add(newRepository.parse({ url, password }));
    return new AskedRepository(world, url, id);
  }

  /** Checks that the answer is what the contract says of it. */
  readonly ask = async <Name extends ReaderQuestion>(name: Name, question: Question<Name>, signal?: AbortSignal): Promise<OperationOutput<Name>> => {
    const answer = await this.world.readers.ask(name, checkInput(name, { ...question, repository_id: this.id }) as CheckedInput<Name>, signal);
    expect(operations[name].output.parse(answer)).toEqual(answer);
    return answer;
  };

  /** Writes files below the folder, and backs it up; resolves with the id of the snapshot. */
  readonly backUp = async (files: Readonly<Record<string, string>>): Promise<string> => await this.world.backUp(this.url, this.source, files);
}
