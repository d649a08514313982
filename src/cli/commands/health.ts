/** `health`: how the agent and what it uses are; exit code 1 where something is unhealthy. */
import type { Command } from 'commander';
import type { HealthStatus } from '../../shared/contract/schemas/observability.ts';
import { connectToAgent } from '../agent-connection.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { renderTable } from '../output/table.ts';
import { visibleText } from '../output/visible-text.ts';

export const healthCommand: CommandModule = {
  examples: [
    { does: 'Every check, and what it found', line: 'cyberbackup health' },
    { does: 'For a program; the exit code is 1 where something is unhealthy', line: 'cyberbackup health --json' },
  ],
  configure(command: Command, act: Act) {
    command.action(act(health));
  },
};

async function health(context: CliContext): Promise<number> {
  const { terminal, options } = context;
  const { style } = terminal;
  const client = await connectToAgent(context);
  const found = await client.get_health();
  if (options.json) terminal.json(found);
  else {
    const paint: Readonly<Record<HealthStatus, (text: string) => string>> = { healthy: style.green, degraded: style.yellow, unhealthy: style.red };
    const rows = Object.entries(found.checks).map(([name, { status, message }]) => [visibleText(name), status, visibleText(message)]);
    terminal.line(`The agent is ${paint[found.status](found.status)}.`);
    if (!options.quiet && rows.length > 0) terminal.lines(['', ...renderTable(terminal, [{ title: 'Check' }, { title: 'Status' }, { title: 'Finding', flexible: true }], rows)]);
  }
  return found.status === 'unhealthy' ? 1 : 0;
}
