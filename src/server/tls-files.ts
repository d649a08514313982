/** Certificate and key of the server: the files given, or a self-signed pair made once. */
import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { createSecureContext } from 'node:tls';
import { Failure } from '../shared/errors.ts';
import { exists } from './data-folder.ts';
import { makeSelfSignedCertificate } from './self-signed-certificate.ts';

export interface TlsFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface TlsIdentity {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of the certificate, `AB:CD:…`. */
  readonly fingerprint: string;
  /** True when the pair was made now. */
  readonly made: boolean;
}

/** Reads both files, or makes both where neither exists (`host` goes into the certificate); CONFIGURATION otherwise. */
export async function loadTlsIdentity(files: TlsFiles, host: string, now: number): Promise<TlsIdentity> {
  const [hasCertificate, hasKey] = [await exists(files.certificateFile), await exists(files.keyFile)];
  if (hasCertificate !== hasKey) {
    const missing = hasCertificate ? files.keyFile : files.certificateFile;
    throw new Failure('CONFIGURATION', { what: `Of the certificate and its key only one exists: ${missing} is missing`, next: 'Put the missing file back, or remove the other one to have both made anew' });
  }
  const made = !hasCertificate;
  if (made) await makePair(files, host, now);
  try {
    const cert = await readFile(files.certificateFile, 'utf8');
    const key = await readFile(files.keyFile, 'utf8');
    createSecureContext({ cert, key });
    return { cert, key, fingerprint: new X509Certificate(cert).fingerprint256, made };
  } catch (error) {
    throw unusable(files, error);
  }
}

async function makePair(files: TlsFiles, host: string, now: number): Promise<void> {
  const isWildcard = host === '0.0.0.0' || host === '::';
  const pair = makeSelfSignedCertificate(['localhost', hostname(), '127.0.0.1', '::1', ...(isWildcard ? ownAddresses() : [host])], now);
  try {
    await writeFile(files.keyFile, pair.key, { mode: 0o600, flag: 'wx' });
    await writeFile(files.certificateFile, pair.certificate, { mode: 0o644, flag: 'wx' });
  } catch (error) {
    throw unusable(files, error);
  }
}

/** Of this machine, as other computers of its network call it. */
function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.filter(({ internal, scopeid }) => !internal && (scopeid ?? 0) === 0).map(({ address }) => address));
}

function unusable(files: TlsFiles, error: unknown): Failure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  return new Failure('CONFIGURATION', { what: `The certificate ${files.certificateFile} and its key ${files.keyFile} cannot be used: ${code}`, next: 'Give PEM files that belong together and that this user may read' }, { cause: error });
}
