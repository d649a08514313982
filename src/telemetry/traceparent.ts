/** W3C trace context (https://www.w3.org/TR/trace-context/, version 00): the header that ties spans of several processes together. */
import { randomBytes } from 'node:crypto';

export interface RemoteSpan {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;

/** Undefined where there is no header, or it is malformed. */
export function parseTraceparent(header: string | undefined): RemoteSpan | undefined {
  const match = header === undefined ? null : pattern.exec(header);
  if (match === null) return undefined;
  const [, version, traceId = '', spanId = '', more] = match;
  if (version === 'ff' || (version === '00' && more !== undefined) || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId };
}

export function traceparentOf({ traceId, spanId }: RemoteSpan): string {
  return `00-${traceId}-${spanId}-01`;
}

/** Stands for the beginning of a trace that has no span there: spans below it have no parent. */
export const traceRootSpanId = '0000000000000001';

/** For the first spans of a trace of which only the id is known, as a job's that was queued long ago. */
export function traceRoot(traceId: string): string {
  return traceparentOf({ traceId, spanId: traceRootSpanId });
}

export function newTraceId(): string {
  return randomBytes(16).toString('hex');
}

export function newSpanId(): string {
  return randomBytes(8).toString('hex');
}
