/** Identities, grants and tokens of our own services: each has the rights of its kind and those its entry asks for. */
import { EFFECTS_WRITER, FABRIC_SCHEMA, TRADING_SCHEMA, type Grant, type TokenClaims } from "../contract/access.ts";
import { heartbeatsKey, resultsKey, taskQueue } from "../contract/bus.ts";
import type { AgentEntry, ServerEntry } from "../contract/catalog.ts";
import { redisKeys } from "../contract/redis-keys.ts";
import { AGENTS_PREFIX, REGISTRY_PREFIX, serverKey } from "../contract/registry.ts";
import { underscored, type ServerCategory } from "../contract/services.ts";
import { KILL_SWITCH_KEY, NONCES_PREFIX } from "../contract/trading.ts";

export const HUB = "hub";
export const FLASH_TRADER = "flash-trader";
export const serverIdentity = (server: string): string => `server:${server}`;
export const agentIdentity = (type: string): string => `agent:${type}`;

type Rights = Omit<Grant, "identity">;

/** Redis commands of an application: data and transactions, neither scripts nor administration; INFO for ioredis' ready check. */
const REDIS_COMMANDS = ["+@read", "+@write", "+@connection", "+@transaction", "-@dangerous", "+info"];
const NOTHING = "^$";
const pattern = (...names: string[]): string => `^(${names.join("|")})$`;
const literal = (name: string): string => name.replaceAll(".", "\\.");

/** What the kind gives, widened by what the entry asks for. An entry's RabbitMQ rights stand in for the kind's. */
function widen(identity: string, base: Rights, more: Rights): Grant {
  const union = (a: readonly string[] = [], b: readonly string[] = []): string[] => [...new Set([...a, ...b])];
  const both = <K extends keyof Rights>(key: K) => base[key] !== undefined || more[key] !== undefined;
  const owns = more.postgres?.owns ?? base.postgres?.owns;
  return {
    identity,
    ...(both("rabbitmq") && { rabbitmq: more.rabbitmq ?? base.rabbitmq }),
    ...(both("redis") && {
      redis: { keys: union(base.redis?.keys, more.redis?.keys), commands: union(base.redis?.commands, more.redis?.commands) },
    }),
    ...(both("etcd") && {
      etcd: { readwrite: union(base.etcd?.readwrite, more.etcd?.readwrite), read: union(base.etcd?.read, more.etcd?.read) },
    }),
    ...(both("postgres") && {
      postgres: {
        ...(owns !== undefined && { owns }),
        reads: union(base.postgres?.reads, more.postgres?.reads),
        groups: union(base.postgres?.groups, more.postgres?.groups),
      },
    }),
  };
}

/** A server registers itself and reads the registry; the bus, Redis and PostgreSQL are for those whose entry says so. */
export function serverGrant(name: string, entry: ServerEntry & { category: ServerCategory }): Grant {
  return widen(serverIdentity(name), {
    rabbitmq: { configure: NOTHING, write: NOTHING, read: NOTHING },
    redis: { keys: [], commands: ["+@connection", "+info"] },
    etcd: { readwrite: [serverKey(entry.category, name, 1).replace(/1$/, "[0-9]")], read: [REGISTRY_PREFIX] },
  }, entry.access);
}

/** An agent takes its type's tasks, owns its control queue, reports, and records effects. */
export function agentGrant(entry: AgentEntry): Grant {
  const { type } = entry;
  const control = `control\\.${type}-\\d+`;
  const reports = [resultsKey(type), heartbeatsKey(type)].map(literal).join("|");
  return widen(agentIdentity(type), {
    rabbitmq: {
      configure: pattern(control),
      write: pattern(control, "mcp\\.topic"),
      // Binding a queue wants read on the exchange.
      read: pattern(literal(taskQueue(type)), control, "mcp\\.topic"),
      topic: { write: `^(${reports})$|^events\\.`, read: pattern(control) },
      queuesFor: type,
    },
    redis: {
      // The digit keeps type `code` away from the keys of `code-indexer`.
      keys: [`~${redisKeys.agentStatus(`${type}-[0-9]*`)}`, `~mcp:agents:${underscored(type)}:*`],
      commands: REDIS_COMMANDS,
    },
    etcd: { readwrite: [`${AGENTS_PREFIX}${type}/`], read: [REGISTRY_PREFIX] },
    postgres: { reads: [], groups: [EFFECTS_WRITER] },
  }, entry.access);
}

/** The hub dispatches, collects results, reads the registry and the event streams, and keeps the truth. */
export function hubGrant(): Grant {
  return {
    identity: HUB,
    rabbitmq: { configure: NOTHING, write: pattern("mcp\\.topic", "mcp\\.dead"), read: ".*", topic: { write: ".*", read: ".*" } },
    redis: { keys: ["~mcp:*"], commands: REDIS_COMMANDS },
    etcd: { readwrite: [], read: [REGISTRY_PREFIX] },
    postgres: { owns: FABRIC_SCHEMA, reads: [], groups: [] },
  };
}

/** The flash trader keeps its books, holds the nonces' lease, tells the market in Redis and what it does in the streams. */
export function flashTraderGrant(): Grant {
  return {
    identity: FLASH_TRADER,
    rabbitmq: { configure: NOTHING, write: pattern("mcp\\.topic"), read: NOTHING, topic: { write: "^events\\.(arbitrage|flash_loan)\\.", read: NOTHING } },
    redis: { keys: [`~${redisKeys.opportunities}`, `~${redisKeys.poolStates}`], commands: REDIS_COMMANDS },
    etcd: { readwrite: [NONCES_PREFIX], read: [KILL_SWITCH_KEY] },
    postgres: { owns: TRADING_SCHEMA, reads: [], groups: [] },
  };
}

/** Token a service shows to others: the hub's is accepted everywhere, any other's by the hub, and by those that it says it calls. */
export function serviceToken(identity: string, calls: readonly string[] = []): TokenClaims {
  return { sub: identity, role: "service", aud: identity === HUB ? ["*"] : [HUB, ...calls] };
}
