/** `server`, also as `cyberbackup --server …`: the backup server as a process; its options are the server's own. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { readServerOptions, serverFlags } from '../../server/options.ts';
import { runServer } from '../../server/run-server.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';

export const serverCommand: CommandModule = {
  examples: [
    { does: 'For this machine, users from .htpasswd in the data folder', line: 'cyberbackup server --data /srv/backups' },
    { does: 'For the network, encrypted, each user in a folder of their own', line: 'cyberbackup server --data /srv/backups --listen 0.0.0.0:1256 --tls --private-repos' },
    { does: 'To try it out', line: 'cyberbackup server --data /tmp/try --no-auth' },
  ],
  configure(command: Command, act: Act) {
    for (const { flags, description } of serverFlags) command.option(flags, description);
    command.action(act(serve));
  },
};

async function serve(context: CliContext, command: Command): Promise<number> {
  const { verbose, quiet, json } = context.options;
  const options = readServerOptions(command.opts(), {
    defaultDataFolder: join(context.home.data, 'server'),
    logLevel: verbose ? 'debug' : quiet ? 'warn' : 'info',
    logFormat: json ? 'json' : 'auto',
  });
  // The server has its own meaning of the signals: stop gracefully, and read the users again.
  context.releaseSignals();
  return await runServer(options);
}
