/**
 * The OpenAPI 3.1 description of the local API, made from the schemas that check the requests.
 *
 * Shapes that have a name in `shapes` become components. What a caller may leave out differs from what an answer always
 * has (defaults), so the shapes that requests use are components of their own, named `…Input`.
 */
import { z } from 'zod';
import { failureCodes } from '../errors.ts';
import type { FailureCode } from '../errors.ts';
import { commonErrors, pathFields } from './operation.ts';
import type { Operation } from './operation.ts';
import { operations } from './operations.ts';
import { errorBody, failureAnswer } from './schemas/common.ts';
import { connectionHealth, destinationHealth, partialUpload } from './schemas/connection-health.ts';
import { cancelableJob, job } from './schemas/job.ts';
import { alert, health, metrics, span, systemSample } from './schemas/observability.ts';
import { conditions, excludes, newPlan, plan, schedule } from './schemas/plan.ts';
import { connectionTest, newRepository, repository, snapshot, treeEntry } from './schemas/repository.ts';
import { planRetention, retentionFreeze, retentionPolicy } from './schemas/retention.ts';
import { settings } from './schemas/settings.ts';

type JsonObject = { [key: string]: unknown };

const shapes: Readonly<Record<string, z.ZodType>> = {
  Alert: alert, CancelableJob: cancelableJob, Conditions: conditions, ConnectionHealth: connectionHealth, ConnectionTest: connectionTest,
  DestinationHealth: destinationHealth, Error: errorBody, Excludes: excludes, Failure: failureAnswer, Health: health, Job: job, Metrics: metrics,
  NewPlan: newPlan, NewRepository: newRepository, PartialUpload: partialUpload, Plan: plan, Repository: repository, PlanRetention: planRetention, RetentionFreeze: retentionFreeze,
  RetentionPolicy: retentionPolicy, Schedule: schedule, Settings: settings, Snapshot: snapshot, Span: span, SystemSample: systemSample, TreeEntry: treeEntry,
};

/** Makes JSON Schemas of one direction and collects the components that they refer to. */
class SchemaWriter {
  readonly #registry = z.registry<{ id: string }>();
  readonly #io: 'input' | 'output';
  readonly #components: JsonObject;

  constructor(io: 'input' | 'output', components: JsonObject) {
    this.#io = io;
    this.#components = components;
    for (const [name, shape] of Object.entries(shapes)) this.#registry.add(shape, { id: io === 'input' ? `${name}Input` : name });
  }

  write(schema: z.ZodType): JsonObject {
    const { $schema: _, $defs, ...rest } = z.toJSONSchema(schema, { io: this.#io, metadata: this.#registry }) as JsonObject;
    const referring = inComponents({ ...rest, ...($defs === undefined ? {} : { $defs }) }) as JsonObject;
    const { $defs: found = {}, ...own } = referring;
    for (const [name, component] of Object.entries(found as JsonObject)) this.#components[name] = component;
    return own;
  }
}

/** The same with references to components instead of definitions of its own; `id` is only the name of the component. */
function inComponents(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inComponents);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
      if (key === '$ref' && typeof inner === 'string') return [[key, inner.replace('#/$defs/', '#/components/schemas/')]];
      return key === 'id' && typeof inner === 'string' ? [] : [[key, inComponents(inner)]];
    }),
  );
}

export interface OpenApiOptions {
  readonly programVersion: string;
  /** `http://127.0.0.1:9090` */
  readonly serverUrl: string;
}

export function openApiDocument({ programVersion, serverUrl }: OpenApiOptions): JsonObject {
  const schemas: JsonObject = {};
  const input = new SchemaWriter('input', schemas);
  const output = new SchemaWriter('output', schemas);
  const failure = output.write(failureAnswer);
  const paths: Record<string, JsonObject> = {
    '/health': { get: { operationId: 'health', summary: 'Whether the agent answers. Needs no token.', security: [], responses: { 200: jsonResponse('The agent answers.', { type: 'object', properties: { status: { const: 'ok' } } }) } } },
    '/metrics': { get: { operationId: 'metrics', summary: 'Numbers in the text format of Prometheus.', responses: { 200: { description: 'The numbers now.', content: { 'text/plain': { schema: { type: 'string' } } } } } } },
  };
  for (const [name, operation] of Object.entries(operations)) {
    const described = describeOperation(name, operation, input, output, failure);
    paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: described };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'CyberBackup agent', version: programVersion, description: 'The local API of the agent. The token is in the file api-token in the home folder.' },
    servers: [{ url: serverUrl }],
    security: [{ bearer: [] }],
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } }, schemas },
  };
}

function describeOperation(name: string, operation: Operation, input: SchemaWriter, output: SchemaWriter, failure: JsonObject): JsonObject {
  const inPath = pathFields(operation.path);
  const takesBody = operation.method === 'POST' || operation.method === 'PUT';
  const others = Object.keys(operation.input.shape).filter((field) => !inPath.includes(field));
  const parameter = (place: 'path' | 'query') => (field: string) => {
    const schema = operation.input.shape[field] as z.ZodType;
    const { description, ...written } = input.write(schema);
    return { name: field, in: place, required: place === 'path' || !schema.safeParse(undefined).success, ...(description === undefined ? {} : { description }), schema: written };
  };
  const parameters = [...inPath.map(parameter('path')), ...(takesBody ? [] : others.map(parameter('query')))];
  // A shape with a name stays itself where nothing of it is in the path.
  const body = inPath.length === 0 ? operation.input : z.strictObject(Object.fromEntries(others.map((field) => [field, operation.input.shape[field] as z.ZodType])));
  return {
    operationId: name,
    summary: operation.description,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(takesBody && others.length > 0 ? { requestBody: { required: !body.safeParse({}).success, content: { 'application/json': { schema: input.write(body) } } } } : {}),
    responses: { [operation.status ?? 200]: jsonResponse('Done.', output.write(operation.output)), ...failureResponses([...operation.errors, ...commonErrors], failure) },
  };
}

/** Failures by the status that the error table gives them. */
function failureResponses(codes: readonly FailureCode[], failure: JsonObject): JsonObject {
  const byStatus = Object.groupBy(new Set(codes), (code) => failureCodes[code].http);
  return Object.fromEntries(Object.entries(byStatus).map(([status, those]) => [status, jsonResponse(those.join(', '), failure)]));
}

function jsonResponse(description: string, schema: JsonObject): JsonObject {
  return { description, content: { 'application/json': { schema } } };
}
