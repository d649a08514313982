/**
 * One request and its answer, as the handlers see them.
 *
 * Vocabulary: the server *waits for the client* while an upload's next bytes are due, or while the client takes the answer;
 * only then does the deadline of the monitor run.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SendableFile } from '../core/native/sendable-file.ts';
import type { Logger } from '../core/platform/logger.ts';
import type { ActiveSpan } from '../telemetry/telemetry.ts';
import type { OpenRequest } from './connection-record.ts';
import { pathOf } from './request-target.ts';
import { UploadAborted } from './upload-registry.ts';
import type { UserRights } from './users.ts';

/** What the exchange knows of the upload that it carries. */
export interface CarriedUpload {
  readonly waitsForClient: boolean;
  readonly received: number;
  abort(reason: UploadAborted): void;
}

const maximumClientId = 128;

export class Exchange implements OpenRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly url: string;
  readonly address: string;
  /** Of the header `x-client-id`; null where it is missing or not printable. */
  readonly clientIdHeader: string | null;
  /** Set by authentication; empty without one. */
  user = '';
  /** Of the user, besides what the whole server allows. */
  rights: UserRights = { isPrivate: false, appendOnly: false };
  /** The client asked whether to send the body before sending it. */
  readonly expectsContinue: boolean;
  upload: CarriedUpload | undefined;
  /** Of a request that belongs to a trace. */
  span: ActiveSpan | undefined;
  /** The body of the answer, where it goes to the socket past this process. */
  sending: SendableFile | undefined;
  /** Bytes of content sent or stored, for the log. */
  bytes = 0;
  readonly #logger: Logger;

  constructor(request: IncomingMessage, response: ServerResponse, logger: Logger, expectsContinue: boolean) {
    this.request = request;
    this.response = response;
    this.method = request.method ?? '';
    this.url = request.url ?? '';
    this.address = request.socket.remoteAddress ?? 'unknown';
    this.expectsContinue = expectsContinue;
    this.clientIdHeader = printableHeader(request.headers['x-client-id']);
    this.#logger = logger;
  }

  get clientId(): string {
    return this.clientIdHeader ?? this.user;
  }

  get userAgent(): string | null {
    return printableHeader(this.request.headers['user-agent']);
  }

  waitsForClient(): boolean {
    if (!this.response.headersSent) return this.upload?.waitsForClient ?? false;
    if (this.sending?.waitsForReader() === true) return true;
    return this.response.writableLength > 0 || this.request.socket.writableLength > 0 || !this.request.complete;
  }

  expire(): void {
    this.log('warn', {}, 'the client made no progress: connection closed');
    if (this.upload === undefined || this.response.headersSent) this.request.socket.destroy();
    else this.upload.abort(new UploadAborted('deadline', 'no progress'));
  }

  /** Also from callbacks of the socket, which do not run within the span. */
  log(level: 'debug' | 'info' | 'warn' | 'error', fields: Record<string, unknown>, message: string): void {
    const ids = this.span === undefined ? {} : { trace_id: this.span.traceId, span_id: this.span.spanId };
    this.#logger[level](
      { ...ids, method: this.method, path: pathOf(this.url), remote_address: this.address, client_id: this.clientId, ...fields },
      message,
    );
  }
}

export function singleHeader(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function printableHeader(value: string | string[] | undefined): string | null {
  const text = singleHeader(value);
  return text !== undefined && text.length > 0 && /^[\x20-\x7e]+$/.test(text) ? text.slice(0, maximumClientId) : null;
}
