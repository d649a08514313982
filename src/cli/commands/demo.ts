/** `demo`: a self-contained tour in a temporary folder, which is removed at the end, also after Ctrl-C. */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { Tour } from '../demo/tour.ts';
import { formatDuration } from '../output/format.ts';

export const demoCommand: CommandModule = {
  examples: [{ does: 'See everything at work, in about ten seconds', line: 'cyberbackup demo' }],
  configure(command: Command, act: Act) {
    command.action(act(demo));
  },
};

async function demo(context: CliContext): Promise<undefined> {
  const { terminal, clock } = context;
  const started = clock.monotonic();
  const folder = await mkdtemp(join(tmpdir(), 'cyberbackup-demo-'));
  // A second Ctrl-C ends the process at once, and still nothing stays behind.
  const sweep = (): void => rmSync(folder, { recursive: true, force: true });
  process.on('exit', sweep);
  try {
    terminal.line(`${terminal.style.bold('CyberBackup demo')} in ${folder}, which is removed at the end.`);
    const tour = new Tour(context, folder);
    await tour.run();
    summary(context, tour.figures, (clock.monotonic() - started) / 1000);
  } finally {
    await rm(folder, { recursive: true, force: true });
    process.off('exit', sweep);
  }
  return undefined;
}

function summary({ terminal }: CliContext, figures: readonly (readonly [string, string])[], seconds: number): void {
  const { style } = terminal;
  const width = Math.max(...figures.map(([name]) => name.length));
  terminal.line();
  terminal.line(`${style.green('Everything came back as it was.')} ${style.dim(`The demo took ${formatDuration(seconds)} and left nothing behind.`)}`);
  terminal.lines(figures.map(([name, value]) => `   ${style.dim(name.padEnd(width))}  ${value}`));
  terminal.line();
  terminal.line(`Next: ${style.bold('cyberbackup backup ~/Documents')}`);
}
