/**
 * The companion server as a utility process, since this program's own executable is no Node (the fuse is off).
 *
 * It ends with this program, however that ends, and is asked to stop by a message.
 */
import { utilityProcess } from 'electron';
import { LogLines, companionArguments, killAfterMs, withoutSecrets } from '../agent/companion/companion-process.ts';
import type { CompanionExit, LaunchCompanion } from '../agent/companion/companion-process.ts';
import { stopMessage } from '../server/starter-end.ts';
import { definedOnly, killProcess } from './utility-worker.ts';

export const launchUtilityCompanion: LaunchCompanion = ({ entry, env, clock, logger, ...rest }) => {
  const [program = ''] = entry.args;
  const child = utilityProcess.fork(program, companionArguments(rest), { env: definedOnly(withoutSecrets(env)), stdio: ['ignore', 'ignore', 'pipe'], serviceName: 'CyberBackup server' });
  const lines = new LogLines(logger);
  child.stderr?.on('data', (piece: Buffer) => lines.add(piece.toString('utf8')));
  const exited = new Promise<CompanionExit>((resolve) => void child.once('exit', (code) => resolve({ code, signal: null, said: lines.said })));
  const kill = (): void => killProcess(child);
  return {
    get pid() {
      return child.pid;
    },
    exited,
    kill,
    async stop() {
      child.postMessage(stopMessage);
      const gone = new AbortController();
      const patience = clock.sleep(killAfterMs, gone.signal).then(kill, (error: unknown) => {
        if (!gone.signal.aborted) throw error;
      });
      await exited;
      gone.abort();
      await patience;
    },
  };
};
