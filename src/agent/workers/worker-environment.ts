/** What a worker process inherits: what the system and Node need, and nothing that may be a secret. */
import { getCompileCacheDir } from 'node:module';
import path from 'node:path';

/** By name, in upper case; Windows does not tell cases apart. */
const inherited: ReadonlySet<string> = new Set([
  'PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'TEMP', 'TMP',
  'SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'USERNAME', 'USERPROFILE', 'USERDOMAIN', 'APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA',
  'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'CYBERBACKUP_CACERT', 'RESTIC_CACERT', 'UV_THREADPOOL_SIZE',
]);

export function workerEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => inherited.has(name.toUpperCase()) || name.startsWith('LC_'));
  // The agent's own folder of compiled code, which halves the start.
  const cache = getCompileCacheDir();
  return { ...Object.fromEntries(kept), ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: path.dirname(cache) }) };
}
