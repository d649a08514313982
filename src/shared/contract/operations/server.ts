/** The companion server as the agent sees it, and this side's view of every destination. */
import { z } from 'zod';
import { operation } from '../operation.ts';
import { success } from '../schemas/common.ts';
import { connectionHealth, connectionHealthMap, destinationHealth, partialUpload } from '../schemas/connection-health.ts';

const nothing = z.strictObject({});

export const serverOperations = {
  get_server: operation({
    method: 'GET',
    path: '/api/server',
    description: 'How the companion server is doing, and where it keeps its data.',
    input: nothing,
    output: z.strictObject({
      reach: z.enum(['reachable', 'unreachable', 'starting', 'unused']),
      url: z.string(),
      message: z.string(),
      trouble: z.enum(['port_taken', 'hung', 'ended']).nullable().describe('why it cannot be reached'),
      data_folder: z.string(),
    }),
    errors: [],
  }),
  get_connection_health: operation({
    method: 'GET',
    path: '/api/server/connection_health',
    description: 'The health of every connection of the companion server.',
    input: nothing,
    output: connectionHealthMap,
    errors: ['SERVER_NOT_RUNNING'],
  }),
  list_closed_connections: operation({
    method: 'GET',
    path: '/api/server/closed_connections',
    description: 'Connections of the companion server that ended lately, oldest first.',
    input: nothing,
    output: z.strictObject({ connections: z.array(connectionHealth) }),
    errors: ['SERVER_NOT_RUNNING'],
  }),
  list_partials: operation({
    method: 'GET',
    path: '/api/server/partials',
    description: 'Uploads in progress at the companion server.',
    input: nothing,
    output: z.array(partialUpload),
    errors: ['SERVER_NOT_RUNNING'],
  }),
  abort_partial: operation({
    method: 'DELETE',
    path: '/api/server/partials/{partial_id}',
    description: 'Aborts one upload at the companion server and removes what it stored so far.',
    input: z.strictObject({ partial_id: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z._-]{0,127}$/) }),
    output: success,
    errors: ['PARTIAL_NOT_FOUND', 'SERVER_NOT_RUNNING'],
  }),
  list_destinations: operation({
    method: 'GET',
    path: '/api/destinations',
    description: 'How this side sees each repository: latency, throughput, retries, last error.',
    input: nothing,
    output: z.strictObject({ destinations: z.array(destinationHealth) }),
    errors: [],
  }),
} as const;
