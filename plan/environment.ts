/** Environment and secret files that services of ours have in common. */
import { ACCESS_ADMIN, postgresRole, storeUser, type Grant, type Store } from "../contract/access.ts";
import { SECRETS_FILE, SECRETS_FILE_VARIABLE } from "../contract/secrets-file.ts";
import { INFRASTRUCTURE } from "../contract/services.ts";
import type { Settings } from "../contract/settings.ts";
import type { HealthSpec, SecretFile, SecretPart, ServiceSpec } from "./service-spec.ts";
import { serviceToken } from "./rights.ts";

const { rabbitmq, redis, etcd, postgres, devnet, access, hub } = INFRASTRUCTURE;

/** Purpose of the key that identities are carried on with. */
const DELEGATION = "delegation";

/** User and group of every Node container; group 0 so that it may read uploads, which are root:root 0440. */
export const NODE_USER = "10010:0";

/** Cheap and rare: an exec costs the engine 40 ms, whatever it runs. Servers and agents prove themselves by registering. */
export function nodeHealth(port: number): HealthSpec {
  return {
    test: ["/usr/local/bin/http-ok", String(port), "/healthz"],
    intervalSeconds: 30,
    timeoutSeconds: 5,
    retries: 3,
    startPeriodSeconds: 20,
  };
}

const URLS: Record<Store, (user: string) => [before: string, after: string]> = {
  rabbitmq: (user) => [`amqp://${user}:`, `@${rabbitmq.host}:${rabbitmq.port}`],
  redis: (user) => [`redis://${user}:`, `@${redis.host}:${redis.port}`],
  etcd: (user) => [`http://${user}:`, `@${etcd.host}:${etcd.port}`],
  postgres: (user) => [`postgres://${user}:`, `@${postgres.host}:${postgres.port}/${postgres.database}`],
};

/** URL of a store with the user and password of an identity. */
export function storeUrl(store: Store, identity: string): SecretPart[] {
  const [before, after] = URLS[store](store === "postgres" ? postgresRole(identity) : storeUser(identity));
  return [before, { password: { store, identity } }, after];
}

/** A variable whose value is secret. */
export interface SecretVariable { name: string; parts: SecretPart[] }
export const secretVariable = (name: string, ...parts: SecretPart[]): SecretVariable => ({ name, parts });

/** The file that holds the variables, and the variable that names it. */
export function deliver(variables: readonly SecretVariable[]): { env: Record<string, string>; secrets: SecretFile[] } {
  return {
    env: { [SECRETS_FILE_VARIABLE]: SECRETS_FILE },
    secrets: [{ path: SECRETS_FILE, parts: variables.flatMap(({ name, parts }) => [`${name}=`, ...parts, "\n"]) }],
  };
}

/** What every token and grant is checked with. As a file, because its value is not known before the root key is. */
export const verification: SecretVariable = { name: "MCP_TOKEN_PUBLIC_KEY", parts: [{ publicKey: true }] };

/** Store URLs, own token and signed grant of an identity. PostgreSQL only for those who have rights there. @param calls as of `serviceToken` */
export function identitySecrets(grant: Grant, calls: readonly string[] = []): SecretVariable[] {
  const { identity } = grant;
  return [
    secretVariable("MCP_RABBITMQ_URL", ...storeUrl("rabbitmq", identity)),
    secretVariable("MCP_REDIS_URL", ...storeUrl("redis", identity)),
    secretVariable("MCP_ETCD_URL", ...storeUrl("etcd", identity)),
    ...(grant.postgres ? [secretVariable("MCP_POSTGRES_URL", ...storeUrl("postgres", identity))] : []),
    secretVariable("MCP_SERVICE_TOKEN", { token: serviceToken(identity, calls) }),
    secretVariable("MCP_ACCESS_GRANT", { grant }),
    verification,
  ];
}

/** What the hub speaks for callers with: a key of its own, and the deployment's leave. */
export function delegationSecrets(identity: string): SecretVariable[] {
  return [
    secretVariable("MCP_DELEGATION_KEY", { key: DELEGATION }),
    secretVariable("MCP_DELEGATION_CERTIFICATE", { certificate: { certifies: identity, keyOf: DELEGATION } }),
  ];
}

/** Administrator of the four stores; the broker's rights are managed over HTTP. */
export function adminSecrets(): SecretVariable[] {
  const user = ACCESS_ADMIN.rabbitmq;
  return [
    ...(["redis", "etcd", "postgres"] as const).map((store) =>
      secretVariable(`MCP_${store.toUpperCase()}_URL`, ...storeUrl(store, ACCESS_ADMIN[store]))),
    secretVariable("MCP_RABBITMQ_MANAGEMENT_URL",
      `http://${user}:`, { password: { store: "rabbitmq", identity: user } }, `@${rabbitmq.host}:${rabbitmq.managementPort}`),
    secretVariable("MCP_PASSWORD_KEY", { key: "passwords" }),
    verification,
  ];
}

/** The chain: the devnet by its address; an external endpoint as a file, because its URL may hold a key. */
export function chainAccess(settings: Settings): { env: Record<string, string>; secrets: SecretVariable[] } {
  return settings.rpcUrl === null
    ? { env: { MCP_RPC_URL: `http://${devnet.host}:${devnet.port}`, MCP_DEVNET_CHAIN_ID: String(settings.devnet.chainId) }, secrets: [] }
    : { env: {}, secrets: [secretVariable("MCP_RPC_URL", settings.rpcUrl)] };
}

/** Variables that are the same everywhere. */
export function commonEnvironment(name: string, host: string, port: number, stopGraceSeconds: number): ServiceSpec["env"] {
  return {
    SERVICE_NAME: name,
    SERVICE_HOST: host,
    SERVICE_PORT: String(port),
    STOP_GRACE_SECONDS: String(stopGraceSeconds),
    MCP_COORDINATOR_URL: `http://${hub.host}:${hub.port}`,
    MCP_ACCESS_URL: `http://${access.host}:${access.port}`,
  };
}
