/**
 * The agent as a process: signals and exit code. SIGTERM, SIGINT and SIGHUP stop it gracefully, a second one at once;
 * jobs that ran go on with the next start.
 */
import { startAgent } from './agent.ts';
import type { AgentOptions, AgentPorts, RunningAgent } from './agent.ts';

export interface ProcessPorts extends AgentPorts {
  /** Called once when the agent can be reached. */
  readonly onListening: (agent: RunningAgent) => void | Promise<void>;
  /** Ends the process at once. */
  readonly leave: () => void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs until a signal stops it; resolves with the exit code. An agent that cannot start throws a `Failure`. */
export async function runAgent(options: AgentOptions, ports: ProcessPorts): Promise<number> {
  const { promise: signalled, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let count = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    count += 1;
    if (count === 1) resolve(signal);
    else ports.leave();
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    const agent = await startAgent(options, ports);
    try {
      await ports.onListening(agent);
      const { logger } = ports.telemetry;
      logger.info({ signal: await signalled }, 'stopping');
      await agent.stop();
      logger.info({}, 'stopped');
    } finally {
      await agent.stop();
    }
    return 0;
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}
