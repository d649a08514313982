/**
 * The span within which code runs: it follows promises, timers and callbacks, in this process.
 *
 * The one store of its kind, so that a log line finds its span whoever opened it. OpenTelemetry's global context manager is
 * not set: nothing of another library is traced by surprise.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ActiveSpan } from './telemetry.ts';

export const activeSpans = new AsyncLocalStorage<ActiveSpan>();
