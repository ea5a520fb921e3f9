/** Stack outputs, as far as the plan alone decides them. */
import { OPERATOR, postgresRole, storeUser, type Store } from "../contract/access.ts";
import { taskQueue } from "../contract/bus.ts";
import type { Catalog } from "../contract/catalog.ts";
import { OUTPUTS_SCHEMA_VERSION, type SecretOutputs, type StackOutputs } from "../contract/outputs.ts";
import { INFRASTRUCTURE } from "../contract/services.ts";
import type { Settings } from "../contract/settings.ts";
import { serviceName } from "./checks.ts";
import type { Keyring } from "./secrets.ts";
import type { ServiceSpec } from "./service-spec.ts";

/** The person behind `apiToken`. */
const ADMIN = { sub: "user:admin", role: "admin", aud: ["*"] } as const;

const { rabbitmq, redis, etcd, postgres, devnet, flashTrader, access, hub, edge } = INFRASTRUCTURE;

/** name → [scheme, host, port inside, path] */
const ENDPOINTS: Record<string, [scheme: string, host: string, port: number, path?: string]> = {
  edge: ["http", edge.host, edge.port],
  mcp: ["http", edge.host, edge.port, "/mcp"],
  api: ["http", edge.host, edge.port, "/api/v1"],
  hub: ["http", hub.host, hub.port],
  access: ["http", access.host, access.port],
  rabbitmq: ["amqp", rabbitmq.host, rabbitmq.port],
  rabbitmqManagement: ["http", rabbitmq.host, rabbitmq.managementPort],
  rabbitmqMetrics: ["http", rabbitmq.host, rabbitmq.metricsPort, "/metrics"],
  redis: ["redis", redis.host, redis.port],
  etcd: ["http", etcd.host, etcd.port],
  postgres: ["postgres", postgres.host, postgres.port, `/${postgres.database}`],
  devnet: ["http", devnet.host, devnet.port],
  flashTrader: ["http", flashTrader.host, flashTrader.port],
};

/** URL from the engine's host; null where the port is not published. */
function published(spec: ServiceSpec, scheme: string, port: number, path = ""): string | null {
  const found = spec.ports.find(({ container }) => container === port);
  if (!found) return null;
  return `${scheme}://${found.ip === "0.0.0.0" ? "127.0.0.1" : found.ip}:${found.host}${path}`;
}

/** @param services those that are deployed */
export function stackOutputs(stack: string, settings: Settings, catalog: Catalog, services: readonly ServiceSpec[]): StackOutputs {
  const byHost = new Map(services.map((spec) => [spec.host, spec]));
  const port = (spec: ServiceSpec): number => Number(spec.env.SERVICE_PORT);
  const instance = (spec: ServiceSpec) => ({
    host: spec.host,
    container: spec.container,
    port: port(spec),
    number: spec.instance?.number ?? 1,
  });
  return {
    schemaVersion: OUTPUTS_SCHEMA_VERSION,
    stack,
    network: settings.network,
    endpoints: Object.fromEntries(Object.entries(ENDPOINTS).flatMap(([name, [scheme, host, inside, path = ""]]) => {
      const spec = byHost.get(host);
      return spec ? [[name, { url: published(spec, scheme, inside, path), internalUrl: `${scheme}://${host}:${inside}${path}` }]] : [];
    })),
    servers: services.filter(({ kind }) => kind === "server").map((spec) => {
      const server = serviceName(spec);
      const { category, capabilities } = catalog.servers[server]!;
      const { number: replica, ...at } = instance(spec);
      return { category, server, replica, ...at, url: published(spec, "http", at.port), capabilities };
    }),
    agents: services.filter(({ kind }) => kind === "agent").map((spec) => {
      const type = serviceName(spec);
      const { number: _, ...at } = instance(spec);
      return { type, id: spec.name, ...at, url: published(spec, "http", at.port), queue: taskQueue(type) };
    }),
  };
}

/** The administrator's token, and the operator's logins. */
export function secretOutputs({ render }: Keyring): SecretOutputs {
  const credential = (store: Store) => ({
    username: store === "postgres" ? postgresRole(OPERATOR) : storeUser(OPERATOR),
    password: render([{ password: { store, identity: OPERATOR } }]),
  });
  return {
    apiToken: render([{ token: { ...ADMIN, aud: [...ADMIN.aud] } }]),
    credentials: {
      rabbitmq: credential("rabbitmq"), redis: credential("redis"), postgres: credential("postgres"), etcd: credential("etcd"),
    },
  };
}
