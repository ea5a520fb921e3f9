/** etcd for services that read or watch it; a service's own registration goes another way, see registration.ts. */
import "./stores/require.ts";
import type { Etcd3 } from "etcd3";
import { parseEtcdUrl } from "./etcd/connection.ts";
import { succeedsInTime, type KeptStore } from "./stores/store.ts";

/**
 * Watches made by this client must be expected to die: after a restart of etcd they end with an error, and what
 * changed in between is only found by listing again.
 *
 * @param url `http://user:password@etcd:2379`; secret
 */
export function openEtcd(url: string): KeptStore<Etcd3> {
  const { Etcd3: Client } = require("etcd3") as typeof import("etcd3");
  const { endpoint, user } = parseEtcdUrl(url);
  const client = new Client({
    hosts: endpoint,
    ...(user ? { auth: { username: user.name, password: user.password } } : {}),
    dialTimeout: 5_000,
  });
  return {
    client,
    // A key that no right covers still proves that etcd has a leader and knows us.
    answers: () => succeedsInTime(() => client.maintenance.status()),
    close: async () => client.close(),
  };
}
