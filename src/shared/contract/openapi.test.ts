import { describe, expect, it } from 'vitest';
import { failureCodes } from '../errors.ts';
import { openApiDocument } from './openapi.ts';
import { commonErrors } from './operation.ts';
import { operationNames, operations } from './operations.ts';

interface Described {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Record<string, { readonly schema: Record<string, unknown> }> };
  readonly responses: Record<string, { readonly description: string }>;
}

const document = openApiDocument({ programVersion: '1.2.3', serverUrl: 'http://127.0.0.1:9090' }) as {
  readonly paths: Record<string, Record<string, Described>>;
  readonly components: { readonly schemas: Record<string, { readonly properties?: Record<string, unknown>; readonly required?: string[] }>; readonly securitySchemes: unknown };
  readonly security: unknown;
};

function referencesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === '$ref' ? [String(inner)] : referencesOf(inner)));
}

describe('the OpenAPI document', () => {
  it.each(Object.entries(operations))('has %s with its statuses', (name, operation) => {
    const described = document.paths[operation.path]?.[operation.method.toLowerCase()];
    expect(described?.operationId).toBe(name);
    expect(described?.summary).toBe(operation.description);
    const statuses = new Set([operation.status ?? 200, ...[...operation.errors, ...commonErrors].map((code) => failureCodes[code].http)].map(String));
    expect(new Set(Object.keys(described?.responses ?? {}))).toEqual(statuses);
  });

  it('has no fixed address that hides the one of the embedded repository', () => {
    const fixed = new Set(operationNames.map((name) => operations[name].path).filter((path) => !path.includes('{')));
    const ofOne = operationNames.map((name) => operations[name].path).filter((path) => path.includes('{repository_id}'));
    expect(ofOne.map((path) => path.replace('{repository_id}', 'default')).filter((path) => fixed.has(path))).toEqual([]);
  });

  it('says what goes into path, query and body', () => {
    const tree = document.paths['/api/repositories/{repository_id}/snapshots/{snapshot}/tree']?.['get'];
    expect(tree?.parameters?.map(({ name, in: place, required }) => `${place} ${name} ${required}`)).toEqual(['path repository_id true', 'path snapshot true', 'query path false', 'query offset false', 'query limit false', 'query order false']);
    const backup = document.paths['/api/start_backup']?.['post'];
    expect(backup?.requestBody).toMatchObject({ required: true, content: { 'application/json': { schema: { required: ['paths'], additionalProperties: false } } } });
    expect(document.paths['/api/cancel/{job_id}']?.['post']?.requestBody?.required).toBe(false);
  });

  it('lets a caller leave out what has a default, and promises it in answers', () => {
    expect(document.components.schemas['ExcludesInput']?.required ?? []).not.toContain('patterns');
    expect(document.components.schemas['Excludes']?.required).toContain('patterns');
  });

  it('refers only to what there is', () => {
    const references = new Set(referencesOf(document));
    expect(references.size).toBeGreaterThan(20);
    for (const reference of references) expect(Object.keys(document.components.schemas)).toContain(reference.replace('#/components/schemas/', ''));
  });

  it('wants a bearer token for everything but /health', () => {
    expect(document.security).toEqual([{ bearer: [] }]);
    expect(document.paths['/health']?.['get']).toMatchObject({ security: [] });
    expect(document.components.securitySchemes).toEqual({ bearer: { type: 'http', scheme: 'bearer' } });
  });
});
