/** Programs of others within this one, and their licences. `scripts/licences.test.ts` keeps it equal to what package.json brings. */
export const licences: readonly (readonly [name: string, licence: string])[] = [
  ['@opentelemetry/api', 'Apache-2.0'],
  ['@opentelemetry/exporter-trace-otlp-http', 'Apache-2.0'],
  ['@opentelemetry/sdk-trace', 'Apache-2.0'],
  ['@tanstack/react-query', 'MIT'],
  ['@tanstack/react-virtual', 'MIT'],
  ['@zxcvbn-ts/core', 'MIT'],
  ['@zxcvbn-ts/language-common', 'MIT'],
  ['@zxcvbn-ts/language-en', 'MIT'],
  ['bcryptjs', 'BSD-3-Clause'],
  ['better-sqlite3', 'MIT'],
  ['cmdk', 'MIT'],
  ['commander', 'MIT'],
  ['croner', 'MIT'],
  ['electron', 'MIT'],
  ['electron-updater', 'MIT'],
  ['fastify', 'MIT'],
  ['lucide-react', 'ISC'],
  ['node-addon-api', 'MIT'],
  ['pino', 'MIT'],
  ['radix-ui', 'MIT'],
  ['react', 'MIT'],
  ['react-dom', 'MIT'],
  ['socket.io', 'MIT'],
  ['socket.io-client', 'MIT'],
  ['zod', 'MIT'],
  ['zustand', 'MIT'],
];

/** Linked into the native engine. */
export const nativeLicences: readonly (readonly [name: string, licence: string])[] = [
  ['OpenSSL', 'Apache-2.0'],
  ['Zstandard', 'BSD-3-Clause'],
];
