import { X509Certificate, createPrivateKey } from 'node:crypto';
import { expect, it } from 'vitest';
import { makeSelfSignedCertificate } from './self-signed-certificate.ts';

const now = Date.UTC(2026, 5, 1, 12);

it('is a certificate that Node’s own parser reads, signed by its own key', () => {
  for (let round = 0; round < 20; round++) {
    const { certificate, key } = makeSelfSignedCertificate(['localhost', 'host.example', '127.0.0.1', '::1', 'fe80::1:2', '::ffff:192.0.2.1', 'localhost'], now);
    const parsed = new X509Certificate(certificate);
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(parsed.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(parsed.ca).toBe(false);
    expect(parsed.subject).toBe('CN=CyberBackup server');
    expect(parsed.subjectAltName).toBe('DNS:localhost, DNS:host.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:FE80:0:0:0:0:0:1:2, IP Address:0:0:0:0:0:FFFF:C000:201');
    expect(parsed.checkHost('host.example')).toBe('host.example');
    expect(parsed.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(new Date(parsed.validFrom).getTime()).toBe(now - 86_400_000);
    expect(new Date(parsed.validTo).toISOString()).toBe('2036-06-01T12:00:00.000Z');
    expect(parsed.serialNumber).toMatch(/^[0-7][0-9A-F]{31}$|^[0-9A-F]{1,31}$/);
  }
});

it('writes years from 2050 in the long form', () => {
  const { certificate } = makeSelfSignedCertificate(['localhost'], Date.UTC(2045, 0, 1));
  expect(new Date(new X509Certificate(certificate).validTo).toISOString()).toBe('2055-01-01T00:00:00.000Z');
});
