/** The agent as a process, with parts that do no work: `node agent-process.ts HOME`. Says its address in a line of JSON. */
import { systemClock } from '../../core/platform/clock.ts';
import { Failure } from '../../shared/errors.ts';
import { runAgent } from '../run-agent.ts';
import { createFakeParts } from './fake-parts.ts';
import { recordTelemetry } from './fake-telemetry.ts';

const [, , home = '', slow] = process.argv;
const telemetry = recordTelemetry();

try {
  process.exitCode = await runAgent(
    { folders: { configuration: home, data: home, cache: home }, listen: { host: '127.0.0.1', port: 0 }, programVersion: '0.0.0-test' },
    {
      clock: systemClock,
      telemetry,
      // A part that never comes to its end is what a second signal is for.
      createParts: async (surroundings) => ({ ...createFakeParts(surroundings), ...(slow === 'slow' ? { stop: () => new Promise<void>(() => undefined) } : {}) }),
      onListening: ({ url }) => void process.stdout.write(`${JSON.stringify({ url })}\n`),
      leave: () => process.exit(130),
    },
  );
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = error.exitCode;
}
