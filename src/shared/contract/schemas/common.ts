/** Building blocks of the contract's schemas. Times are ISO 8601 in UTC, sizes bytes, durations what their names say. */
import { z } from 'zod';
import { failureCodes } from '../../errors.ts';
import type { FailureCode } from '../../errors.ts';

export const timestamp = z.iso.datetime().describe('ISO 8601, UTC');
/** What a caller may give: with any offset. */
export const instant = z.iso.datetime({ offset: true }).describe('ISO 8601, with Z or an offset');
export const byteCount = z.number().int().nonnegative().describe('bytes');
export const count = z.number().int().nonnegative();

/** Ids of ours: no character that means anything in a path, a URL or a shell. */
export const identifier = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$/, 'an id has letters, digits, "-" and "_" only');
export const traceId = z.string().regex(/^[0-9a-f]{32}$/, 'a trace id has 32 hex digits');
/** A snapshot's id, the beginning of one, or `latest`. */
export const snapshotSelector = z.string().regex(/^(latest|[0-9a-f]{1,64})$/, 'a snapshot is "latest" or the beginning of its id');

export const errorCode = z.enum(Object.keys(failureCodes) as [FailureCode, ...FailureCode[]]);

export const failureParts = z.strictObject({
  what: z.string().describe('what happened'),
  safe: z.string().exactOptional().describe('what is safe; missing where nothing was at risk'),
  next: z.string().exactOptional().describe('what to do'),
});

export const errorBody = z.strictObject({
  code: errorCode,
  message: z.string().describe('what happened, what is safe, what to do'),
  parts: failureParts.exactOptional().describe('the same sentences one by one; missing of jobs that an earlier version kept'),
  path: z.string().optional().describe('what is at fault: the field, as in "paths.0", or the header or part of the request'),
});

/** What every refused or failed request gets. */
export const failureAnswer = z.looseObject({ success: z.literal(false), error: errorBody });

export const success = z.strictObject({ success: z.literal(true) });
export type Success = z.infer<typeof success>;
