/**
 * Objects on a server that speaks the REST protocol (rest-protocol.md): ours, restic's rest-server, `rclone serve restic`.
 *
 * Invariants (beside those of the port): an answer counts only with exactly the bytes that were asked for; credentials
 * are in one header and nowhere else; a name is checked before it becomes part of an URL.
 */
import type { Clock } from '../platform/clock.ts';
import type { Receivers } from './body-receiver.ts';
import { sliceOf } from './byte-range.ts';
import { DownloadClient } from './download-client.ts';
import type { TlsOptions } from './http-agent.ts';
import type { HttpAnswer } from './http-answer.ts';
import { HttpClient } from './http-client.ts';
import type { HttpRequest } from './http-client.ts';
import { identityHeaders } from './identity-headers.ts';
import type { RequestIdentity } from './identity-headers.ts';
import { endedByHeader, statusError } from './http-errors.ts';
import { assertObjectName, typeFolders } from './local-layout.ts';
import type { ListedType } from './local-layout.ts';
import { StorageError, describeObject, isObjectName } from './object-store.ts';
import type { ByteRange, ObjectBody, ObjectHandle, ObjectInfo, ObjectStore } from './object-store.ts';
import { currentListsHeader, listVersion2, parseList } from './rest-list.ts';
import { checkPart, partRequest } from './rest-range.ts';
import type { PartAnswer, PartRequest } from './rest-range.ts';
import { hashed, isStored, sameContent } from './same-content.ts';
import type { HashedBody } from './same-content.ts';
import { Semaphore } from './semaphore.ts';

export interface RestStoreOptions extends RequestIdentity {
  readonly clock: Clock;
  /** How many requests run at once; default 5. Requests for locks are not counted. */
  readonly connections?: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: TlsOptions;
  readonly userAgent?: string;
  /** The native addon, where it is to receive what is large. */
  readonly receivers?: Receivers;
}

/** Gives memory of exactly this length. */
type TakeMemory = (length: number) => Buffer;

/** Requests for locks at once, beside all others. */
const lockConnections = 2;
const accept = { Accept: listVersion2 };
/** Bytes of a list that are taken: three times what a million objects need. */
const listLimit = 300 * 1024 * 1024;
/** Bytes of an object that are taken at once; larger ones are for `stream`. */
const objectLimit = 2 ** 32;

export class RestStore implements ObjectStore {
  readonly location: string;
  readonly connections: number;
  readonly smallOperations: number;
  readonly #clock: Clock;
  readonly #http: HttpClient;
  readonly #downloads: DownloadClient;
  #listsAreCurrent = false;
  /** False once the server sent a body without its length: such are left to node:http. */
  #announcesLengths = true;

  /** `url`: http or https, without credentials; a missing final slash is added. */
  constructor(url: URL, options: RestStoreOptions) {
    const base = new URL(url);
    base.username = base.password = base.hash = base.search = '';
    if (!base.pathname.endsWith('/')) base.pathname += '/';
    const { username = '', password = '' } = options;
    this.location = `rest:${base.href}`;
    this.connections = options.connections ?? 5;
    this.smallOperations = this.connections;
    this.#clock = options.clock;
    const shared = {
      base,
      authorization: username === '' && password === '' ? undefined : `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      clock: options.clock,
      tls: options.tls ?? {},
      userAgent: options.userAgent ?? 'cyberbackup',
      identify: () => identityHeaders(options),
    };
    const lanes = { objects: new Semaphore(this.connections), locks: new Semaphore(lockConnections) };
    this.#http = new HttpClient({ ...shared, lanes, connections: this.connections });
    this.#downloads = new DownloadClient({ ...shared, lane: lanes.objects, receivers: options.receivers ?? {} });
  }

  get listsAreCurrent(): boolean {
    return this.#listsAreCurrent;
  }

  async create(signal?: AbortSignal): Promise<void> {
    const what = 'making the folders of the repository';
    await this.#http.exchange({ method: 'POST', path: '?create=true', body: new Uint8Array(0), signal, what }, (answer) => this.#expectSuccess(answer, what));
  }

  async put(handle: ObjectHandle, body: ObjectBody, signal?: AbortSignal): Promise<void> {
    const sent = hashed(body);
    const request: HttpRequest = {
      ...this.#request('POST', handle, `storing the ${describeObject(handle)}`, signal),
      headers: { ...accept, 'Content-Type': 'application/octet-stream' },
      body: sent.body,
    };
    let answered = false;
    const send = this.#http.exchange(request, (answer) => {
      answered = true;
      if (answer.status === 403 && answer.headers[endedByHeader] === 'administrator') throw new StorageError('ended', `${request.what}: the server answered 403`);
      if (answer.status !== 400 && answer.status !== 403) this.#expectSuccess(answer, request.what);
      return answer.status;
    });
    const status = await send.catch(async (error: unknown) => {
      // The answer may be lost although the object is stored, or be a refusal that was cut off with the connection.
      if (!answered && isTemporary(error) && (await isStored(this, handle, sent, signal))) return 200;
      throw error;
    });
    if (status === 403) return this.#judgeRefusal(handle, sent, signal);
    if (status === 400) {
      // A server answers so when the bytes that came do not hash to the name, or are not as many as announced.
      throw new StorageError(handle.type === 'config' ? 'permanent' : 'mismatch', `${request.what}: the server received other bytes than the name says`);
    }
  }

  async get(handle: ObjectHandle, range?: ByteRange, signal?: AbortSignal): Promise<Buffer> {
    const part = partRequest(range);
    if (part.length === 0) return this.#emptyPart(handle, part.offset, signal);
    const take = (length: number): Buffer => Buffer.allocUnsafeSlow(length);
    // rest-server ignores ranges of config.
    if (handle.type === 'config') return sliceOf(await this.#fetch(handle, partRequest(undefined), take, signal), range);
    return this.#fetch(handle, part, take, signal);
  }

  async getInto(handle: ObjectHandle, offset: number, target: Buffer, signal?: AbortSignal): Promise<void> {
    const range = { offset, length: target.length };
    if (target.length === 0 || handle.type === 'config') (await this.get(handle, range, signal)).copy(target);
    else await this.#fetch(handle, partRequest(range), () => target, signal);
  }

  async stream(handle: ObjectHandle, range?: ByteRange, signal?: AbortSignal): Promise<{ size: number; body: AsyncIterable<Buffer> }> {
    const part = partRequest(range);
    if (part.length === 0 || handle.type === 'config') {
      const bytes = await this.get(handle, range, signal);
      return { size: bytes.length, body: single(bytes) };
    }
    const answer = await this.#http.open(this.#read(handle, part.headers, signal));
    try {
      if (answer.status === 416 && checkPart(answer, part) === 'empty') {
        await answer.discard();
        return { size: 0, body: single(Buffer.alloc(0)) };
      }
      this.#expectSuccess(answer, `reading the ${describeObject(handle)}`);
      const size = part.whole ? answer.length : checkPart(answer, part);
      if (typeof size !== 'number') throw new StorageError('permanent', `reading the ${describeObject(handle)}: the server does not tell its length`);
      return { size, body: answer.stream(size) };
    } catch (error) {
      await answer.discard();
      throw error;
    }
  }

  async stat(handle: ObjectHandle, signal?: AbortSignal): Promise<ObjectInfo> {
    const what = `looking at the ${describeObject(handle)}`;
    return this.#http.exchange(this.#request('HEAD', handle, what, signal), (answer) => {
      this.#expectSuccess(answer, what);
      if (answer.length === undefined) throw new StorageError('permanent', `${what}: the server does not tell its length`);
      return { name: handle.name, size: answer.length };
    });
  }

  /** The whole list is received before the first entry is returned, so that it cannot fail half-way. */
  async *list(type: ListedType, signal?: AbortSignal): AsyncGenerator<ObjectInfo> {
    const what = `listing the ${typeFolders[type]}`;
    const request: HttpRequest = { method: 'GET', path: `${typeFolders[type]}/`, headers: accept, lane: laneOf(type), signal, what };
    const found = await this.#http.exchange(request, async (answer) => {
      if (answer.status === 404) return undefined;
      this.#expectSuccess(answer, what);
      this.#listsAreCurrent = answer.headers[currentListsHeader] === 'yes';
      const pieces = await answer.pieces(listLimit);
      return { pieces, version2: answer.headers['content-type'] === listVersion2 };
    });
    if (found === undefined) {
      // Some servers have no folder before its first object; that is an empty list only if the repository exists.
      await this.stat({ type: 'config', name: '' }, signal);
      return;
    }
    let unsized: string[] = [];
    for (const { name, size, received } of parseList(found.pieces, found.version2)) {
      if (!isObjectName(type, name)) continue;
      if (size !== undefined) yield { name, size, ...(received === undefined ? {} : { received }) };
      else unsized.push(name);
      if (unsized.length === this.connections) {
        yield* await this.#sizes(type, unsized, signal);
        unsized = [];
      }
    }
    yield* await this.#sizes(type, unsized, signal);
  }

  async remove(handle: ObjectHandle, signal?: AbortSignal): Promise<void> {
    const what = `removing the ${describeObject(handle)}`;
    await this.#http.exchange(this.#request('DELETE', handle, what, signal), (answer) => {
      if (answer.status !== 404) this.#expectSuccess(answer, what);
    });
  }

  close(): Promise<void> {
    this.#http.close();
    this.#downloads.close();
    return Promise.resolve();
  }

  /** The object or part, where the server tells its length in the memory that `take` gives. */
  async #fetch(handle: ObjectHandle, part: PartRequest, take: TakeMemory, signal: AbortSignal | undefined): Promise<Buffer> {
    const request = this.#read(handle, part.headers, signal);
    const direct = handle.type === 'config' || handle.type === 'lock' || !this.#announcesLengths ? undefined : await this.#download(request, part, take);
    return direct ?? this.#http.exchange(request, (answer) => this.#received(answer, request.what, part, take));
  }

  /** The object or part; undefined where the server does not tell the length of its answer. */
  async #download(request: HttpRequest, part: PartRequest, take: TakeMemory): Promise<Buffer | undefined> {
    let result: Buffer | undefined;
    const { path, headers = {}, signal, what } = request;
    await this.#downloads.get({ path, headers, signal, what }, (head) => {
      const length = this.#expectedLength(head, what, part);
      this.#announcesLengths = length !== undefined;
      result = length === undefined ? undefined : take(length);
      return result;
    });
    return result;
  }

  async #received(answer: HttpAnswer, what: string, part: PartRequest, take: TakeMemory): Promise<Buffer> {
    const length = this.#expectedLength(answer, what, part);
    if (length === undefined) return Buffer.concat(await answer.pieces(objectLimit));
    const target = take(length);
    // A refusal of an empty part has a body of its own.
    if (answer.status !== 416) await answer.into(target);
    return target;
  }

  /** How many bytes of the object the answer holds; throws unless it holds what was asked for. */
  #expectedLength(answer: PartAnswer, what: string, part: PartRequest): number | undefined {
    if (answer.status === 416 && !part.whole && checkPart(answer, part) === 'empty') return 0;
    this.#expectSuccess(answer, what);
    const length = part.whole ? answer.length : checkPart(answer, part);
    if (length === 'empty' || (length ?? 0) > objectLimit) throw new StorageError('too-large', `${what}: it is too large to be read at once`);
    return length;
  }

  #read(handle: ObjectHandle, headers: Readonly<Record<string, string>>, signal: AbortSignal | undefined): HttpRequest {
    const request = this.#request('GET', handle, `reading the ${describeObject(handle)}`, signal);
    return { ...request, headers: { ...accept, ...headers } };
  }

  #request(method: HttpRequest['method'], handle: ObjectHandle, what: string, signal: AbortSignal | undefined): HttpRequest {
    assertObjectName(handle);
    const path = handle.type === 'config' ? 'config' : `${typeFolders[handle.type]}/${handle.name}`;
    return { method, path, headers: accept, lane: laneOf(handle.type), signal, what };
  }

  #expectSuccess(answer: PartAnswer, what: string): void {
    if (answer.status < 200 || answer.status > 299) throw statusError(answer.status, answer.headers, what, this.#clock.now());
  }

  /** 403 to a POST: not allowed, or the object exists — then with these bytes (a lost answer, success) or with others. */
  async #judgeRefusal(handle: ObjectHandle, sent: HashedBody, signal: AbortSignal | undefined): Promise<void> {
    const what = `storing the ${describeObject(handle)}`;
    try {
      await this.stat(handle, signal);
    } catch (error) {
      if (error instanceof StorageError && (error.kind === 'not-found' || error.kind === 'denied')) throw new StorageError('denied', `${what}: the server answered 403`);
      throw error;
    }
    if (await sameContent(this, handle, sent, signal)) return;
    throw new StorageError('exists', `${what}: it exists with other content`);
  }

  /** HTTP cannot ask for no bytes; the range is checked all the same. */
  async #emptyPart(handle: ObjectHandle, offset: number, signal: AbortSignal | undefined): Promise<Buffer> {
    const { size } = await this.stat(handle, signal);
    if (offset > size) throw new StorageError('range', `offset ${offset} leaves an object of ${size} bytes`);
    return Buffer.alloc(0);
  }

  async #sizes(type: ListedType, names: readonly string[], signal: AbortSignal | undefined): Promise<ObjectInfo[]> {
    const found = await Promise.all(
      names.map(async (name) => {
        try {
          return await this.stat({ type, name }, signal);
        } catch (error) {
          // Removed since the list was made.
          if (error instanceof StorageError && error.kind === 'not-found') return undefined;
          throw error;
        }
      }),
    );
    return found.filter((info) => info !== undefined);
  }
}

function isTemporary(error: unknown): boolean {
  return error instanceof StorageError && error.kind === 'temporary';
}

function laneOf(type: ObjectHandle['type']): 'objects' | 'locks' {
  return type === 'lock' ? 'locks' : 'objects';
}

async function* single(bytes: Buffer): AsyncGenerator<Buffer> {
  if (bytes.length > 0) yield bytes;
}
