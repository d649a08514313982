// The import table: who may import whom. `npm run check` enforces it (scripts/check-layers.mjs).
//
// A row is a folder of src/; the longest matching row decides. `ours` lists the rows that its files may import besides
// their own; `packages` lists npm packages, `node` says whether Node's built-in modules are allowed. A folder without a
// row fails, so that every new folder is a decision.

/** @typedef {{ ours: string[], packages: string[], node: boolean }} Row */

/** @type {Record<string, Row>} */
export const layers = {
  shared: { ours: [], packages: ['zod'], node: false },

  'core/platform': { ours: ['shared'], packages: [], node: true },
  'core/native': { ours: ['shared'], packages: [], node: true },
  'core/storage': { ours: ['shared', 'core/platform', 'core/native'], packages: [], node: true },
  'core/repository': { ours: ['shared', 'core/platform', 'core/native', 'core/storage'], packages: [], node: true },
  'core/archiver': { ours: ['shared', 'core/platform', 'core/native', 'core/storage', 'core/repository'], packages: [], node: true },
  'core/restorer': { ours: ['shared', 'core/platform', 'core/native', 'core/storage', 'core/repository', 'core/archiver'], packages: [], node: true },
  'core/checker': { ours: ['shared', 'core/platform', 'core/native', 'core/storage', 'core/repository'], packages: [], node: true },
  'core/history': { ours: ['shared', 'core/platform', 'core/native', 'core/storage', 'core/repository', 'core/restorer'], packages: [], node: true },
  'core/retention': { ours: ['shared', 'core/platform', 'core/storage', 'core/repository'], packages: [], node: true },
  'core/pruner': { ours: ['shared', 'core/platform', 'core/native', 'core/storage', 'core/repository'], packages: [], node: true },
  'core/repairer': { ours: ['shared', 'core/platform', 'core/native', 'core/storage', 'core/repository', 'core/pruner'], packages: [], node: true },
  'core/rewriter': { ours: ['shared', 'core/platform', 'core/native', 'core/storage', 'core/repository', 'core/archiver'], packages: [], node: true },

  'core/catalogue': { ours: ['shared', 'core/platform', 'core/native', 'core/storage', 'core/repository', 'core/archiver'], packages: ['better-sqlite3'], node: true },

  server: { ours: ['shared', 'core/platform', 'core/native', 'core/storage', 'telemetry'], packages: ['bcryptjs'], node: true },

  telemetry: { ours: ['shared', 'core/platform'], packages: ['pino', '@opentelemetry/api', '@opentelemetry/sdk-trace', '@opentelemetry/exporter-trace-otlp-http'], node: true },
  worker: { ours: ['shared', 'core/*', 'telemetry'], packages: [], node: true },

  'agent/queue': { ours: ['shared', 'core/platform'], packages: ['better-sqlite3', 'zod'], node: true },
  'agent/readers': { ours: ['shared', 'core/platform', 'core/repository', 'agent/workers'], packages: [], node: true },
  'agent/runner': { ours: ['shared', 'core/platform', 'core/storage', 'telemetry', 'agent/queue', 'agent/workers', 'agent/repositories'], packages: [], node: true },
  'agent/workers': { ours: ['shared', 'core/platform'], packages: [], node: true },
  'agent/settings': { ours: ['shared', 'core/platform'], packages: ['zod'], node: true },
  'agent/repositories': { ours: ['shared', 'core/*', 'agent/settings'], packages: ['zod'], node: true },
  'agent/plans': { ours: ['shared', 'core/platform', 'core/archiver', 'agent/settings'], packages: ['croner'], node: true },
  'agent/machine': { ours: ['shared', 'core/platform', 'core/native', 'core/archiver'], packages: ['zod'], node: true },
  agent: { ours: ['shared', 'core/*', 'telemetry', 'agent/*'], packages: ['bcryptjs', 'fastify', 'socket.io'], node: true },

  main: { ours: ['shared', 'core/platform', 'telemetry', 'agent', 'agent/*', 'cli', 'server'], packages: ['electron', 'electron-updater', 'zod'], node: true },
  preload: { ours: ['shared'], packages: ['electron'], node: false },
  'renderer/lib': { ours: ['shared'], packages: ['react', 'zustand', '@tanstack/react-query', 'socket.io-client'], node: false },
  'renderer/components': { ours: ['shared', 'renderer/lib'], packages: ['react', 'react-dom', 'radix-ui', 'cmdk', 'lucide-react', '@tanstack/react-virtual'], node: false },
  'renderer/features': { ours: ['shared', 'renderer/lib', 'renderer/components'], packages: ['react', 'zustand', '@tanstack/react-query', '@tanstack/react-virtual', 'radix-ui', 'cmdk', 'lucide-react', '@zxcvbn-ts/core', '@zxcvbn-ts/language-common', '@zxcvbn-ts/language-en'], node: false },
  'renderer/app': { ours: ['shared', 'renderer/*'], packages: ['react', 'react-dom', 'zustand', '@tanstack/react-query', 'radix-ui', 'lucide-react'], node: false },

  cli: { ours: ['shared', 'core/*', 'server', 'telemetry', 'agent', 'agent/*'], packages: ['commander'], node: true },
};

/** Packages that only the named rows may import, whatever else a row allows. */
export const restricted = {
  'better-sqlite3': ['agent/queue', 'core/catalogue'],
  electron: ['main', 'preload'],
  'electron-updater': ['main'],
};

/** What test files may import beyond their folder's row. */
export const testAllowance = {
  ours: ['core/*', 'shared', 'telemetry', 'worker', 'agent', 'agent/*', 'server', 'cli'],
  packages: ['vitest', 'fast-check', '@noble/ciphers', '@noble/hashes', 'socket.io-client', 'zod'],
};
