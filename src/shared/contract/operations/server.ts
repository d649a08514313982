/** The companion server as the agent sees it, and this side's view of every destination. */
import { z } from 'zod';
import { quotaBytes, serverPassword, serverUserName, serverUserUse } from '../../server-users.ts';
import { operation } from '../operation.ts';
import { byteCount, success, timestamp } from '../schemas/common.ts';
import { connectionHealth, connectionHealthMap, destinationHealth, partialUpload } from '../schemas/connection-health.ts';

const nothing = z.strictObject({});
/** Who may be asked for; a name that no user can have is not found. */
const userInPath = z.string().min(1).max(64);
const changedUser = z.strictObject({
  success: z.literal(true),
  name: z.string(),
  password: z.string().nullable().describe('the one that was generated, told this once; null where it was given or stayed'),
});

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
  get_server_use: operation({
    method: 'GET',
    path: '/api/server/use',
    description: 'Since when the companion server runs, what it stores, and where other computers reach it.',
    input: nothing,
    output: z.strictObject({
      since: timestamp.nullable(),
      stored_bytes: byteCount.nullable().describe('null while it does not run, or still counts'),
      disk: z.strictObject({ free_bytes: byteCount, total_bytes: byteCount }).nullable(),
      network: z
        .strictObject({ urls: z.array(z.string()).min(1).describe('the same server under each of its names and addresses'), fingerprint: z.string().describe('SHA-256 of its certificate, AB:CD:…'), certificate_file: z.string() })
        .nullable()
        .describe('null while only this computer reaches it'),
    }),
    errors: ['SERVER_NOT_RUNNING'],
  }),
  list_server_users: operation({
    method: 'GET',
    path: '/api/server/users',
    description: 'The users of the companion server, with what they store and when they were seen.',
    input: nothing,
    output: z.strictObject({ users: z.array(serverUserUse) }),
    errors: ['CONFIGURATION'],
  }),
  add_server_user: operation({
    method: 'POST',
    path: '/api/server/users',
    description: 'Lets a person, or another computer, back up to the companion server, in a folder of the name alone.',
    input: z.strictObject({ name: serverUserName, password: serverPassword.optional().describe('without it one is generated'), quota_bytes: quotaBytes.default(null), append_only: z.boolean().default(true) }),
    output: changedUser,
    errors: ['SERVER_USER_EXISTS', 'CONFIGURATION'],
  }),
  update_server_user: operation({
    method: 'PUT',
    path: '/api/server/users/{name}',
    description: 'Changes what is given, and leaves the rest.',
    input: z.strictObject({ name: userInPath, password: serverPassword.optional(), generate_password: z.boolean().optional(), quota_bytes: quotaBytes.optional(), append_only: z.boolean().optional() }),
    output: changedUser,
    errors: ['SERVER_USER_NOT_FOUND', 'CONFIGURATION'],
  }),
  remove_server_user: operation({
    method: 'DELETE',
    path: '/api/server/users/{name}',
    description: 'Nobody signs in by this name any more; what it stored stays, and is there again for a user of the same name.',
    input: z.strictObject({ name: userInPath }),
    output: success,
    errors: ['SERVER_USER_NOT_FOUND', 'CONFIGURATION'],
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
