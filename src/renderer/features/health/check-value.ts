/** Values of checks as people read them. */
import type { Health } from '../../../shared/contract/schemas/observability.ts';
import type { Format } from '../../lib/format.ts';

export type HealthCheck = Health['checks'][string];

/** In the unit of the check; undefined where it has none to show. */
export function quantity(name: string, value: number | null, format: Format): string | undefined {
  if (value === null || name === 'server') return undefined;
  if (name === 'memory' || name.endsWith('disk_free')) return format.bytes(Math.max(0, value));
  return name === 'event_loop' ? `${format.number(value)} ms` : undefined;
}
