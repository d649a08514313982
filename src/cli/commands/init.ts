/** `init`: creates a repository, on request with the chunker parameters of another one, so that both share blobs. */
import { InvalidArgumentError, type Command } from 'commander';
import { loadAddon } from '../../core/native/load-addon.ts';
import { createRepository } from '../../core/repository/repository.ts';
import type { ObjectStore } from '../../core/storage/object-store.ts';
import { storageFailure } from '../../core/storage/storage-failure.ts';
import { Failure } from '../../shared/errors.ts';
import type { Act, CommandModule } from '../command-table.ts';
import { openCommandStore } from '../command-store.ts';
import type { CliContext } from '../context.ts';
import { defaultRepositoryExists, prepareDefaultRepository } from '../../agent/repositories/default-repository.ts';
import { addFromOptions, fromRepository, withFromRepository, type FromFlags } from '../from-repository.ts';
import { thisHost, thisUser } from '../identity.ts';
import { shortId } from '../output/format.ts';
import { visibleText } from '../output/visible-text.ts';
import { obtainPassword } from '../password.ts';
import { hasRepository } from '../repository-exists.ts';
import { chooseRepository, type RepositoryChoice } from '../session.ts';

interface InitFlags extends FromFlags {
  readonly repositoryVersion: 1 | 2;
  readonly copyChunkerParams?: boolean;
}

export const initCommand: CommandModule = {
  examples: [
    { does: 'On another drive', line: 'cyberbackup --repo /media/drive/backup init' },
    { does: 'On a backup server', line: 'cyberbackup --repo rest:https://anna@backup.example:1256/anna/ init' },
    { does: 'A second repository that shares its cuts with the first', line: 'cyberbackup -r /srv/second init --copy-chunker-params --from-repo /srv/first' },
  ],
  configure(command: Command, act: Act) {
    command
      .option('--repository-version <n>', 'format of the repository: 1 or 2', parseVersion, 2)
      .option('--copy-chunker-params', 'cut files exactly as the repository of --from-repo does');
    addFromOptions(command, 'the repository whose parameters are copied').action(act(init));
  },
};

function parseVersion(text: string): 1 | 2 {
  if (text === '1') return 1;
  if (text === '2' || text === 'stable' || text === 'latest') return 2;
  throw new InvalidArgumentError('It is 1 or 2.');
}

async function init(context: CliContext, command: Command): Promise<undefined> {
  const flags = command.opts<InitFlags>();
  const fromRepo = fromRepository(context, flags);
  if (flags.copyChunkerParams === true && fromRepo === undefined) {
    throw new Failure('USAGE', { what: '--copy-chunker-params needs a repository to copy from', next: 'Add --from-repo URL' });
  }
  if (flags.copyChunkerParams !== true && flags.fromRepo !== undefined) {
    throw new Failure('USAGE', { what: '--from-repo is only used with --copy-chunker-params', next: 'Add --copy-chunker-params, or leave --from-repo out' });
  }
  const choice = chooseRepository(context);
  const addon = loadAddon();
  const polynomial = flags.copyChunkerParams === true && fromRepo !== undefined ? await withFromRepository(context, fromRepo, flags, (repository) => Promise.resolve(repository.config.polynomial)) : undefined;
  const store = openCommandStore(context, choice.url, addon);
  try {
    await refuseExisting(context, choice, store);
    const password = await newPassword(context, choice, store.location);
    try {
      const repository = await createRepository(
        { store, addon, clock: context.clock, logger: context.logger },
        {
          password,
          version: flags.repositoryVersion,
          hostname: thisHost(),
          username: thisUser(),
          ...(polynomial === undefined ? {} : { polynomial }),
        },
        context.signal,
      );
      report(context, choice, repository.config, store.location);
      await repository.close();
    } finally {
      password.fill(0);
    }
  } catch (error) {
    throw storageFailure(error, store.location);
  } finally {
    await store.close();
  }
  return undefined;
}

/** Before a password is asked for twice in vain. */
async function refuseExisting(context: CliContext, choice: RepositoryChoice, store: ObjectStore): Promise<void> {
  const exists = choice.embedded === undefined ? await hasRepository(store, context.signal) : defaultRepositoryExists(choice.embedded);
  if (!exists) return;
  throw new Failure('REPOSITORY_EXISTS', {
    what: `There is a repository at ${visibleText(store.location)} already`,
    safe: 'It was not touched',
    next: 'Use it as it is, or choose another place',
  });
}

async function newPassword(context: CliContext, choice: RepositoryChoice, location: string): Promise<Buffer> {
  if (choice.embedded !== undefined) await prepareDefaultRepository(context.home, choice.embedded, new Date(context.clock.now()));
  return await obtainPassword(context, {
    purpose: 'new',
    variables: 'PASSWORD',
    // The default repository is opened with its stored password later on, so it is also made with it.
    file: choice.embedded === undefined ? context.options.passwordFile : undefined,
    storedFile: choice.embedded?.passwordFile,
    empty: context.options.insecureNoPassword,
    question: `New password for ${visibleText(location)}`,
  });
}

function report(context: CliContext, choice: RepositoryChoice, config: { readonly id: string; readonly version: number }, location: string): void {
  const { options, terminal } = context;
  if (options.json) {
    terminal.json({ message_type: 'initialized', id: config.id, repository: location });
    return;
  }
  if (options.quiet) return;
  terminal.line(`${terminal.style.green('Created')} repository ${shortId(config.id)} at ${visibleText(location)} (format version ${config.version}).`);
  if (choice.embedded === undefined) {
    terminal.line('Keep the password safe: without it nobody can read the backups, and nobody can make a new one.');
  } else {
    terminal.line(`Its password was generated; the recovery sheet is ${choice.embedded.sheet}`);
  }
}
