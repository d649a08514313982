/**
 * A self-signed certificate for one server (RFC 5280), made once and pinned by clients through its fingerprint.
 *
 * ECDSA on P-256 with SHA-256, which every TLS 1.2 client knows; only for servers (no certificate authority); valid for
 * the local names and the address that the server listens on.
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { bitString, explicit, implicit, integer, objectIdentifier, octetString, sequence, set, time, trueValue, utf8String } from './certificate-der.ts';

export interface CertificatePair {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
}

const validYears = 10;
/** Clients whose clocks are behind accept it too. */
const backdatedMs = 24 * 60 * 60 * 1000;

/** `names`: host names and IP addresses; `now`: milliseconds since the epoch. */
export function makeSelfSignedCertificate(names: readonly string[], now: number): CertificatePair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
  const subject = sequence(set(sequence(objectIdentifier('2.5.4.3'), utf8String('CyberBackup server'))));
  const until = new Date(now);
  until.setUTCFullYear(until.getUTCFullYear() + validYears);

  const serial = randomBytes(16);
  serial[0] = (serial[0] ?? 0) & 0x7f || 1;
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    subject,
    sequence(time(new Date(now - backdatedMs)), time(until)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, extensions(names)),
  );
  const signature = sign('sha256', body, { key: privateKey, dsaEncoding: 'der' });
  return {
    certificate: pem('CERTIFICATE', sequence(body, algorithm, bitString(signature))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function extensions(names: readonly string[]): Buffer {
  const critical = (id: string, content: Uint8Array): Buffer => sequence(objectIdentifier(id), trueValue, octetString(content));
  const plain = (id: string, content: Uint8Array): Buffer => sequence(objectIdentifier(id), octetString(content));
  return sequence(
    critical('2.5.29.19', sequence()),
    // digitalSignature: bit 0
    critical('2.5.29.15', bitString(Buffer.from([0x80]), 7)),
    plain('2.5.29.37', sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))),
    plain('2.5.29.17', sequence(...[...new Set(names)].map(alternativeName))),
  );
}

/** dNSName [2] or iPAddress [7] (RFC 5280, section 4.2.1.6). */
function alternativeName(name: string): Buffer {
  return isIP(name) === 0 ? implicit(2, Buffer.from(name, 'latin1')) : implicit(7, addressBytes(name));
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  // The URL parser gives the shortest form, with an embedded IPv4 address already in hex.
  const text = new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1);
  const [left = '', right = ''] = text.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const head = groups(left);
  const tail = groups(right);
  const all = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
