/**
 * W3C trace context (https://www.w3.org/TR/trace-context/, version 00): the ids that tie a request's log lines to the
 * job of the client that sent it.
 */
import { randomBytes } from 'node:crypto';

export interface TraceContext {
  /** 32 lower-case hex digits. */
  readonly trace_id: string;
  /** Of this request, 16 lower-case hex digits. */
  readonly span_id: string;
  /** Of the client's request; absent where the client sent none. */
  readonly parent_span_id?: string;
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;

/** The context of a request that came with this `traceparent`; undefined where there is none or it is malformed. */
export function traceContext(header: string | undefined): TraceContext | undefined {
  const match = header === undefined ? null : pattern.exec(header);
  if (match === null) return undefined;
  const [, version, traceId = '', parentId = '', more] = match;
  if (version === 'ff' || (version === '00' && more !== undefined) || /^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined;
  return { trace_id: traceId, span_id: randomBytes(8).toString('hex'), parent_span_id: parentId };
}
