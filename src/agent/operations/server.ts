/** Handlers: the companion server as the agent sees it, and this side's view of every destination. */
import type { serverOperations } from '../../shared/contract/operations/server.ts';
import type { Services, SomeHandlers } from './services.ts';

export function serverHandlers({ companion, destinations }: Services): SomeHandlers<typeof serverOperations> {
  return {
    async get_server() {
      return companion.status();
    },

    async get_server_use() {
      return await companion.use();
    },

    async list_server_users() {
      return { users: await companion.users() };
    },

    async add_server_user(user) {
      return { success: true, name: user.name, password: await companion.addUser(user) };
    },

    async update_server_user({ name, ...change }) {
      return { success: true, name, password: await companion.updateUser(name, change) };
    },

    async remove_server_user({ name }) {
      await companion.removeUser(name);
      return { success: true };
    },

    async get_connection_health() {
      return await companion.connections();
    },

    async list_closed_connections() {
      return { connections: await companion.closedConnections() };
    },

    async list_partials() {
      return await companion.partials();
    },

    async abort_partial({ partial_id: id }) {
      await companion.abortPartial(id);
      return { success: true };
    },

    async list_destinations() {
      return { destinations: destinations.list() };
    },
  };
}
