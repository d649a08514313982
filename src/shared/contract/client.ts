/**
 * The typed client: `client.cancel_job({ job_id })`, for the command line, the interface and scripts in TypeScript.
 *
 * Inputs are checked before they are sent, answers before they are believed; whatever goes wrong is a `Failure`.
 */
import { Failure } from '../errors.ts';
import { checkInput } from './check-input.ts';
import { toHttpRequest } from './http-request.ts';
import { operationNames, operations } from './operations.ts';
import type { OperationInput, OperationName, OperationOutput } from './operations.ts';
import { failureAnswer } from './schemas/common.ts';

/** Carries one operation: its checked input there, its output or a `Failure` back. */
export type Transport = (name: OperationName, input: Readonly<Record<string, unknown>>) => Promise<unknown>;

type RequiredFields<Input> = { [Field in keyof Input]-?: undefined extends Input[Field] ? never : Field }[keyof Input];
/** An input without any field is typed as a record of nothing. */
type Optional<Input> = string extends keyof Input ? true : [RequiredFields<Input>] extends [never] ? true : false;
type Call<Input, Output> = Optional<Input> extends true ? (input?: Input) => Promise<Output> : (input: Input) => Promise<Output>;

export type Client = { readonly [Name in OperationName]: Call<OperationInput<Name>, OperationOutput<Name>> };

export function createClient(transport: Transport): Client {
  const call = (name: OperationName) => async (input: unknown = {}) => {
    const answer = operations[name].output.safeParse(await transport(name, checkInput(name, input)));
    if (answer.success) return answer.data;
    throw new Failure('INTERNAL', { what: `The answer to ${name} is not what both sides agreed on`, next: 'Let the program and its agent be of the same version' }, { cause: answer.error });
  };
  return Object.fromEntries(operationNames.map((name) => [name, call(name)])) as unknown as Client;
}

export interface FetchTransportOptions {
  /** `http://127.0.0.1:9090` */
  readonly baseUrl: string;
  readonly token: string;
  readonly signal?: AbortSignal;
}

/** Over HTTP, with the platform's own `fetch`. */
export function fetchTransport({ baseUrl, token, signal }: FetchTransportOptions): Transport {
  return async (name, input) => {
    const { method, target, body } = toHttpRequest(operations[name], input);
    const headers: Record<string, string> = { Authorization: `Bearer ${token}` };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const { status, answer } = await exchange(`${baseUrl}${target}`, {
      method,
      headers,
      // A redirect could carry the token to somebody else.
      redirect: 'error',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (status >= 200 && status < 300) return answer;
    const refused = failureAnswer.safeParse(answer);
    if (!refused.success) throw new Failure('INTERNAL', { what: `The agent answered with status ${status} and no reason` });
    const { code, message, parts, path } = refused.data.error;
    throw new Failure(code, parts ?? { what: message }, path === undefined ? {} : { path });
  };
}

async function exchange(url: string, init: RequestInit): Promise<{ status: number; answer: unknown }> {
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, init);
    status = response.status;
    text = await response.text();
  } catch (error) {
    init.signal?.throwIfAborted();
    // `fetch` reports everything about the connection as a TypeError.
    if (!(error instanceof TypeError)) throw error;
    throw new Failure('AGENT_NOT_RUNNING', { what: `The agent does not answer at ${new URL(url).origin}`, next: 'Start it with "cyberbackup agent"' }, { cause: error });
  }
  try {
    return { status, answer: JSON.parse(text) as unknown };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Failure('INTERNAL', { what: `What answered at ${new URL(url).origin} is no agent (status ${status})`, next: 'See which program uses that port' }, { cause: error });
  }
}
