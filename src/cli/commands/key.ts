/** `key list|add|remove|passwd`: every password has its key file; all of them open the same master key. */
import type { Command } from 'commander';
import { addKey, changePassword, listKeys, removeKey } from '../../core/repository/keys.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { failureLine } from '../explain-error.ts';
import { replaceStoredPassword } from '../../agent/repositories/default-repository.ts';
import { thisHost, thisUser } from '../identity.ts';
import { formatTime, shortId } from '../output/format.ts';
import { renderTable } from '../output/table.ts';
import { visibleText } from '../output/visible-text.ts';
import { obtainPassword } from '../password.ts';
import { withSession, type Session } from '../session.ts';

interface NewKeyFlags {
  readonly newPasswordFile?: string;
  readonly newInsecureNoPassword?: boolean;
  readonly host?: string;
  readonly user?: string;
}

export const keyCommand: CommandModule = {
  examples: [
    { does: 'Who can open the repository', line: 'cyberbackup key list' },
    { does: 'Another password, for another person', line: 'cyberbackup key add --user anna' },
    { does: 'Change the password that is in use', line: 'cyberbackup key passwd' },
    { does: 'A password stops working', line: 'cyberbackup key remove 1f3a' },
  ],
  configure(command: Command, act: Act) {
    command.helpCommand(false);
    command.command('list').description('List the keys of the repository').action(act(list));
    newKeyOptions(command.command('add').description('Add a password')).action(act(add));
    newKeyOptions(command.command('passwd').description('Change the password that opened the repository')).action(act(passwd));
    command.command('remove').description('Remove a password').argument('<id>', 'the begin of its id in "key list"').action(act(remove));
  },
};

function newKeyOptions(command: Command): Command {
  return command
    .option('--new-password-file <file>', 'file with the new password (else CYBERBACKUP_NEW_PASSWORD, else asked for)')
    .option('--new-insecure-no-password', 'the new password is empty; anybody who reaches the repository can then read it')
    .option('--host <host>', 'host name to note in the key')
    .option('--user <name>', 'user name to note in the key');
}

async function list(context: CliContext): Promise<undefined> {
  return await withSession(context, { lock: 'none' }, async ({ repository, signal }) => {
    const { keys, damaged } = await listKeys(repository, signal);
    const { terminal } = context;
    if (context.options.json) {
      terminal.json(keys.map(({ id, hostname, username, created, current }) => ({ current, id, userName: username, hostName: hostname, created })));
      return undefined;
    }
    const rows = keys.map(({ id, hostname, username, created, current }) => [
      current ? '*' : ' ',
      shortId(id),
      visibleText(username ?? ''),
      visibleText(hostname ?? ''),
      formatTime(created ?? ''),
    ]);
    const columns = [{ title: ' ' }, { title: 'ID', style: terminal.style.cyan }, { title: 'User' }, { title: 'Host' }, { title: 'Created' }];
    terminal.lines(renderTable(terminal, columns, rows));
    terminal.line(terminal.style.dim('* opened the repository now'));
    for (const { failure } of damaged) terminal.message(failureLine(failure));
    return undefined;
  });
}

async function newPassword(context: CliContext, flags: NewKeyFlags): Promise<Buffer> {
  return await obtainPassword(context, { purpose: 'new', variables: 'NEW_PASSWORD', file: flags.newPasswordFile, empty: flags.newInsecureNoPassword, question: 'New password' });
}

function meta(flags: NewKeyFlags): { hostname: string; username: string } {
  return { hostname: flags.host ?? thisHost(), username: flags.user ?? thisUser() };
}

async function add(context: CliContext, command: Command): Promise<undefined> {
  const flags = command.opts<NewKeyFlags>();
  return await withSession(context, { lock: 'shared' }, async ({ repository, signal, locked }) => {
    const password = await newPassword(context, flags);
    try {
      await locked;
      const id = await addKey(repository, password, meta(flags), signal);
      say(context, `Added key ${shortId(id)}.`, { action: 'add', id });
    } finally {
      password.fill(0);
    }
    return undefined;
  });
}

async function passwd(context: CliContext, command: Command): Promise<undefined> {
  const flags = command.opts<NewKeyFlags>();
  return await withSession(context, { lock: 'exclusive' }, async (session) => {
    const password = await newPassword(context, flags);
    try {
      await session.locked;
      const id = await changePassword(session.repository, password, meta(flags), session.signal);
      await keepStored(context, session, password);
      say(context, `The password is changed; its key is ${shortId(id)}.`, { action: 'passwd', id });
    } finally {
      password.fill(0);
    }
    return undefined;
  });
}

/** The default repository goes on opening by itself. */
async function keepStored(context: CliContext, { choice }: Session, password: Buffer): Promise<void> {
  if (choice.embedded === undefined || context.options.passwordFile !== undefined) return;
  await replaceStoredPassword(choice.embedded, password, new Date(context.clock.now()));
  if (!context.options.quiet) context.terminal.message(`The recovery sheet was written anew: ${choice.embedded.sheet}`);
}

async function remove(context: CliContext, command: Command): Promise<undefined> {
  const [prefix = ''] = command.args;
  return await withSession(context, { lock: 'exclusive' }, async ({ repository, signal, locked }) => {
    await locked;
    const id = await removeKey(repository, prefix, signal);
    say(context, `Removed key ${shortId(id)}; its password opens nothing any more.`, { action: 'remove', id });
    return undefined;
  });
}

function say(context: CliContext, text: string, message: Record<string, unknown>): void {
  if (context.options.json) context.terminal.json({ message_type: 'summary', ...message });
  else if (!context.options.quiet) context.terminal.line(text);
}
