/** Headers that tell a server who sends a request and which work it belongs to (interfaces, sections 4 and 6). */

export interface RequestIdentity {
  /** Name of this client for people who look at the server; characters that are not printable ASCII are left out. */
  readonly clientId?: string;
  /** W3C trace context of the work that the next request is for. */
  readonly traceparent?: () => string | undefined;
}

/** As many as our server keeps. */
const longestClientId = 128;
const traceContext = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Nothing that is not plain text leaves: a header must not end its line. */
export function identityHeaders({ clientId, traceparent }: RequestIdentity): Record<string, string> {
  const name = clientId?.replace(/[^\x20-\x7e]/g, '').trim().slice(0, longestClientId) ?? '';
  const context = traceparent?.();
  return {
    ...(name === '' ? {} : { 'X-Client-Id': name }),
    ...(context === undefined || !traceContext.test(context) ? {} : { traceparent: context }),
  };
}
