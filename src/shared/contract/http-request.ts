/**
 * An operation's input as an HTTP request, and back.
 *
 * Fields that the path names go into the path, the others into the query (GET, DELETE) or the JSON body (POST, PUT).
 *
 * Invariants: a field has one place only, so that nothing in a query or body can stand for what the path says; a value of
 * the path is encoded as one segment and decoded once; text of a query becomes a number or boolean only where the
 * schema has one there, and only in one way of writing it. What comes out is still to be checked by the schema.
 */
import { z } from 'zod';
import { invalidInput } from './check-input.ts';
import { pathFields } from './operation.ts';
import type { HttpMethod, Operation } from './operation.ts';

export type Fields = Readonly<Record<string, unknown>>;

export interface HttpRequest {
  readonly method: HttpMethod;
  /** Path and query. */
  readonly target: string;
  /** Undefined: none is sent. */
  readonly body: Fields | undefined;
}

export interface HttpInput {
  /** Path and query, as they were sent. */
  readonly target: string;
  /** The parsed JSON; undefined where none was sent. */
  readonly body: unknown;
}

/** The request for an input that was checked. */
export function toHttpRequest(operation: Operation, input: Fields): HttpRequest {
  const inPath = new Set(pathFields(operation.path));
  const path = operation.path.replace(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(String(input[field])));
  const rest = Object.entries(input).filter(([field, value]) => !inPath.has(field) && value !== undefined);
  if (hasBody(operation.method)) return { method: operation.method, target: path, body: Object.fromEntries(rest) };
  const query = new URLSearchParams(rest.map(([field, value]): [string, string] => [field, String(value)])).toString();
  return { method: operation.method, target: query === '' ? path : `${path}?${query}`, body: undefined };
}

/** The input that a request carries, not checked by the schema yet; throws `INVALID_INPUT` for fields in the wrong place. */
export function fromHttpRequest(operation: Operation, { target, body }: HttpInput): Fields {
  const mark = target.indexOf('?');
  const path = pathValues(operation.path, mark === -1 ? target : target.slice(0, mark));
  const query = new URLSearchParams(mark === -1 ? '' : target.slice(mark + 1));
  const others = hasBody(operation.method) ? bodyFields(body, query) : queryFields(operation, query, body);
  for (const field of Object.keys(path)) {
    if (Object.hasOwn(others, field)) throw invalidInput({ path: field, message: 'The field is in the path already' });
  }
  return { ...others, ...path };
}

function hasBody(method: HttpMethod): boolean {
  return method === 'POST' || method === 'PUT';
}

/** Values of the fields in the path. The path is known to fit the pattern, segment by segment. */
function pathValues(pattern: string, path: string): Record<string, string> {
  const segments = path.split('/');
  const found: Record<string, string> = {};
  for (const [at, part] of pattern.split('/').entries()) {
    const field = /^\{(\w+)\}$/.exec(part)?.[1];
    if (field !== undefined) found[field] = decoded(segments[at] ?? '', field);
  }
  return found;
}

function decoded(segment: string, field: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw invalidInput({ path: field, message: 'The value in the path is not percent-encoded UTF-8' });
  }
}

function bodyFields(body: unknown, query: URLSearchParams): Fields {
  const [stray] = query.keys();
  if (stray !== undefined) throw invalidInput({ path: stray.slice(0, 100), message: 'This request takes its fields in the body, not in the query' });
  if (body === undefined) return {};
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalidInput({ path: 'body', message: 'It must be a JSON object' });
  return body as Fields;
}

function queryFields(operation: Operation, query: URLSearchParams, body: unknown): Fields {
  const hasFields = body !== undefined && !(typeof body === 'object' && body !== null && Object.keys(body).length === 0);
  if (hasFields) throw invalidInput({ path: 'body', message: 'This request takes none' });
  const found: [string, unknown][] = [];
  for (const field of new Set(query.keys())) {
    const values = query.getAll(field);
    if (values.length > 1) throw invalidInput({ path: field.slice(0, 100), message: 'The field is given more than once' });
    found.push([field, fromText(values[0] ?? '', operation.input.shape[field])]);
  }
  // `fromEntries` defines: a field named `__proto__` stays a field, and the schema refuses it.
  return Object.fromEntries(found);
}

/** A text of the query as the schema's type; what does not fit stays a text, which the schema then refuses. */
function fromText(text: string, schema: unknown): unknown {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodNumber && /^-?(0|[1-9]\d{0,15})(\.\d{1,10})?$/.test(text)) return Number(text);
  if (inner instanceof z.ZodBoolean && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function unwrapped(schema: unknown): unknown {
  const wraps = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable;
  return wraps ? unwrapped(schema.unwrap()) : schema;
}
