/** etcd's JSON gateway as far as the trader asks it: leases that end, keys that hang on them, a kill switch. No users. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface EtcdStandIn {
  url: string;
  keys: Map<string, { value: string; lease: string | null }>;
  /** Takes connections and never answers. */
  silent: boolean;
  /** Ends every lease, as a pause of the process would. */
  endLeases(): void;
  close(): void;
}

const decode = (text: string): string => Buffer.from(text, "base64").toString();
const encode = (text: string): string => Buffer.from(text).toString("base64");

export async function startEtcdStandIn(): Promise<EtcdStandIn> {
  const keys: EtcdStandIn["keys"] = new Map();
  const leases = new Set<string>();
  let count = 0;
  const end = (lease: string): void => {
    leases.delete(lease);
    for (const [key, entry] of keys) if (entry.lease === lease) keys.delete(key);
  };
  const answers: Record<string, (body: any) => unknown> = {
    "/v3/lease/grant": () => { const ID = String(++count); leases.add(ID); return { ID }; },
    "/v3/lease/keepalive": ({ ID }) => ({ result: { TTL: leases.has(ID) ? "10" : "0" } }),
    "/v3/lease/revoke": ({ ID }) => { end(ID); return {}; },
    "/v3/kv/range": ({ key }) => ({
      header: { revision: "1" }, kvs: [...keys].filter(([name]) => name.startsWith(decode(key))).map(([name, { value }]) => ({ key: encode(name), value: encode(value) })),
    }),
    "/v3/kv/put": ({ key, value, lease = null }) => { keys.set(decode(key), { value: decode(value), lease }); return {}; },
    "/v3/kv/txn": ({ compare: [{ key }], success: [{ requestPut }] }) => {
      if (keys.has(decode(key))) return {};
      keys.set(decode(key), { value: decode(requestPut.value), lease: requestPut.lease });
      return { succeeded: true };
    },
  };
  const standIn = {
    url: "", keys, silent: false,
    endLeases: () => { for (const lease of [...leases]) end(lease); },
    close: () => { server.closeAllConnections(); server.close(); },
  };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => { body += chunk; }).on("end", () => {
      if (standIn.silent) return;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answers[request.url!]!(JSON.parse(body || "{}"))));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  standIn.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return standIn;
}
