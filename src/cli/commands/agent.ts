/** `agent`: the job queue, the scheduler, the local API and the browser interface, without a window. */
import type { Command } from 'commander';
import { findAgent } from '../../agent/agent-file.ts';
import { createAgentPorts } from '../../agent/agent-ports.ts';
import { builtInterface } from '../../agent/api/interface-folder.ts';
import { defaultListen, parseListenAddress, urlOf } from '../../agent/api/listen-address.ts';
import { runAgent } from '../../agent/run-agent.ts';
import { Failure } from '../../shared/errors.ts';
import { findRunningAgent } from '../agent-connection.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { openInterface } from '../open-interface.ts';

interface AgentFlags {
  readonly listen?: string;
  readonly open?: boolean;
}

export const agentCommand: CommandModule = {
  examples: [
    { does: 'Run plans and jobs, and serve the local API', line: 'cyberbackup agent' },
    { does: 'The same, and open the interface in the browser', line: 'cyberbackup agent --open' },
    { does: 'On another port of this machine', line: 'cyberbackup agent --listen 127.0.0.1:9191' },
  ],
  configure(command: Command, act: Act) {
    command
      .option('--listen <HOST:PORT>', `address of this machine to listen on (default ${urlOf(defaultListen).slice('http://'.length)})`)
      .option('--open', 'open the interface in the browser; that of the agent that runs already, if there is one')
      .action(act(agent));
  },
};

async function agent(context: CliContext, command: Command): Promise<number> {
  return await openAgent(context, command.opts<AgentFlags>());
}

/** Runs the agent until a signal stops it; with `open` and an agent that runs already, only opens its interface. `elseAnyPort` as in `AgentOptions`. */
export async function openAgent(context: CliContext, { listen, open }: AgentFlags, elseAnyPort = false): Promise<number> {
  const address = listen === undefined ? defaultListen : parseListenAddress(listen);
  if (open === true && (await findAgent(context.home.data, context.clock)) !== undefined) return await openRunning(context);
  // The agent has its own meaning of the signals: stop gracefully.
  context.releaseSignals();
  const { clock, env, home, programVersion } = context;
  const interfaceFolder = builtInterface();
  const { verbose, quiet, json } = context.options;
  return await runAgent(
    { folders: home, listen: address, elseAnyPort, programVersion, ...(interfaceFolder === undefined ? {} : { interfaceFolder }) },
    {
      ...createAgentPorts({ clock, env, log: { level: verbose ? 'debug' : quiet ? 'warn' : 'info', format: json ? 'json' : 'auto' } }),
      onListening: async (running) => {
        if (open === true) await openInterface(context, running.url, running.makeLoginCode());
      },
      leave: () => process.exit(130),
    },
  );
}

async function openRunning(context: CliContext): Promise<number> {
  const { url, token } = await findRunningAgent(context);
  const response = await fetch(`${url}/api/login_code`, { method: 'POST', headers: { Authorization: `Bearer ${token}` }, redirect: 'error', signal: context.signal });
  const { code } = (await response.json()) as { code?: unknown };
  if (typeof code !== 'string') throw new Failure('AGENT_NOT_RUNNING', { what: `The agent at ${url} gave no login code`, next: 'Stop it, and start it again' });
  await openInterface(context, url, code);
  return 0;
}
