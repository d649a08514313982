/** The head of an answer to a download: what of HTTP/1.1 (RFC 9112) a download needs, and nothing else. */
import { StorageError } from './object-store.ts';

export interface DownloadHead {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the body; undefined where the server does not announce them in `Content-Length`. */
  readonly length: number | undefined;
  /** Whether the connection may be used again. */
  readonly keepAlive: boolean;
}

/** Parses the text before the empty line; kind `permanent` for what is no HTTP/1.1. */
export function parseDownloadHead(text: string): DownloadHead {
  const [first = '', ...lines] = text.split('\r\n');
  const status = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(first);
  if (status === null) throw notHttp();
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const line of lines) {
    const header = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (header === null) throw notHttp();
    const name = (header[1] ?? '').toLowerCase();
    const value = header[2] ?? '';
    // Two lengths are how one server smuggles an answer past another.
    if (name === 'content-length' && headers[name] !== undefined && headers[name] !== value) throw notHttp();
    headers[name] = headers[name] === undefined || name === 'content-length' ? value : `${headers[name]}, ${value}`;
  }
  const announced = headers['content-length'];
  if (announced !== undefined && !/^\d{1,15}$/.test(announced)) throw notHttp();
  return {
    status: Number(status[2]),
    headers,
    length: announced === undefined || headers['transfer-encoding'] !== undefined ? undefined : Number(announced),
    keepAlive: status[1] === '1' && !/\bclose\b/i.test(headers['connection'] ?? ''),
  };
}

function notHttp(): StorageError {
  return new StorageError('permanent', 'the answer of the server is not HTTP');
}
