/** The agent that runs on this home folder, for commands that talk to it. */
import { findAgent } from '../agent/agent-file.ts';
import { readToken, tokenPath } from '../agent/api/token-file.ts';
import { createClient, fetchTransport } from '../shared/contract/client.ts';
import type { Client } from '../shared/contract/client.ts';
import { Failure } from '../shared/errors.ts';
import type { CliContext } from './context.ts';

export interface AgentAddress {
  readonly url: string;
  readonly token: string;
}

/** Throws `AGENT_NOT_RUNNING`. */
export async function findRunningAgent({ home, clock }: CliContext): Promise<AgentAddress> {
  const agent = await findAgent(home.data, clock);
  if (agent === undefined) throw new Failure('AGENT_NOT_RUNNING', { what: `No agent runs on the home folder ${home.data}`, next: 'Start it with "cyberbackup agent"' });
  return { url: agent.url, token: await readToken(tokenPath(home.configuration)) };
}

/** Throws `AGENT_NOT_RUNNING`. */
export async function connectToAgent(context: CliContext): Promise<Client> {
  const { url, token } = await findRunningAgent(context);
  return createClient(fetchTransport({ baseUrl: url, token, signal: context.signal }));
}
