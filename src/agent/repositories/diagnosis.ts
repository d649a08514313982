/**
 * Why a place for copies does not answer, looked at step by step as a person would: this computer's network, the name, the
 * port, the answer; of a folder, whether it is there.
 *
 * Invariants: the first step that fails is the last; nothing is sent but one request without credentials; names and numbers
 * go out, sentences are made by who shows them.
 */
import { lookup } from 'node:dns/promises';
import { access } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Clock } from '../../core/platform/clock.ts';
import { withDeadline } from '../../core/platform/deadline.ts';
import { endpointOf } from '../../core/storage/http-agent.ts';
import { parseStoreUrl } from '../../core/storage/store-url.ts';
import type { DiagnosisStep } from '../../shared/contract/schemas/repository.ts';

/** For each step, milliseconds. */
const patience = 5000;

type Look = (signal: AbortSignal) => Promise<string>;

/** `url` without credentials. Never rejects but for a defect. */
export async function diagnose(url: string, clock: Clock): Promise<DiagnosisStep[]> {
  const location = parseStoreUrl(url);
  if (location.kind !== 'rest') return [await step('folder', url, () => access(url).then(() => ''), clock)];
  const { host, port, secure } = endpointOf(location.url, {});
  const looks: readonly (readonly [DiagnosisStep['step'], string, Look])[] = [
    ...(isHere(host) ? [] : [['network', '', async () => ownAddress()] as const]),
    ['name', host, async () => (await lookup(host)).address],
    ['port', String(port), (signal) => reachPort(host, port, signal)],
    ['answer', host, (signal) => hearAnswer(location.url, secure, signal)],
  ];
  const steps: DiagnosisStep[] = [];
  for (const [name, subject, look] of looks) {
    const found = await step(name, subject, look, clock);
    steps.push(found);
    if (!found.ok) break;
  }
  return steps;
}

async function step(name: DiagnosisStep['step'], subject: string, look: Look, clock: Clock): Promise<DiagnosisStep> {
  const start = clock.monotonic();
  const took = (): number => Math.round(clock.monotonic() - start);
  try {
    const detail = await withDeadline(clock, patience, undefined, (signal) => Promise.race([look(signal), aborted(signal)]));
    return { step: name, ok: true, subject, detail, took_ms: took() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { step: name, ok: false, subject, detail: 'code' in error && typeof error.code === 'string' ? error.code : '', took_ms: took() };
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })), { once: true });
  });
}

function isHere(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** An address of this computer that others can reach, and the card that has it. */
function ownAddress(): string {
  for (const [card, addresses = []] of Object.entries(networkInterfaces())) {
    const outward = addresses.find(({ internal, address }) => !internal && !address.startsWith('fe80:'));
    if (outward !== undefined) return `${card}, ${outward.address}`;
  }
  throw new Error('no address');
}

async function reachPort(host: string, port: number, signal: AbortSignal): Promise<string> {
  const socket = connect({ host, port, signal });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.on('error', reject);
    });
    return '';
  } finally {
    socket.destroy();
  }
}

/** Any answer counts: that it is the right server is for the certificate and the password to say. */
async function hearAnswer(url: URL, secure: boolean, signal: AbortSignal): Promise<string> {
  const target = new URL('/', url);
  target.username = '';
  target.password = '';
  const asked = secure ? httpsRequest(target, { method: 'HEAD', agent: false, rejectUnauthorized: false, signal }) : httpRequest(target, { method: 'HEAD', agent: false, signal });
  try {
    return await new Promise<string>((resolve, reject) => {
      asked.once('response', (response) => {
        response.resume();
        resolve(String(response.statusCode));
      });
      asked.on('error', reject);
      asked.end();
    });
  } finally {
    asked.destroy();
  }
}
