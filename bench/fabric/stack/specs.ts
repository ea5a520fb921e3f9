/** The services of the benchmark: those of a deployment, one agent of its own, and a Redis as BullMQ wants it. Pure. */
import { AgentEntry } from "../../../contract/catalog.ts";
import { SECRETS_DIR } from "../../../contract/environment.ts";
import { parseSettings } from "../../../contract/settings.ts";
import { agentSpecs } from "../../../plan/agent.ts";
import { accessSpec, hubSpec } from "../../../plan/coordination.ts";
import { infrastructureSpecs, type InfrastructureConfigs } from "../../../plan/infrastructure/index.ts";
import { baseBuilds, NODE_BASE, nodeImage, type Dockerfiles } from "../../../plan/node-image.ts";
import type { Build, ServiceSpec } from "../../../plan/service-spec.ts";

/** Of our agent. Its queue is made by the access service, as for any new type. */
export const AGENT_TYPE = "bench";
export const AGENT = `${AGENT_TYPE}-1`;
/** In the broker (user and virtual host), PostgreSQL (role) and BullMQ's Redis: the identity that the peers have. */
export const PEER = "bench";
export const BULLMQ_REDIS = "bullmq-redis";
export const STORES = ["rabbitmq", "redis", "etcd", "postgres"] as const;

/** Unacknowledged tasks that our agent holds, and jobs that BullMQ's and graphile-worker's workers run at once. */
export const CONCURRENCY = 64;

/** Of images/base/node, which a variable of the container's would replace. */
const BASE_NODE_OPTIONS = "--max-semi-space-size=1";

export interface BenchSpecs {
  /** Stores, access, hub, agent, BullMQ's Redis, by name. */
  byName: ReadonlyMap<string, ServiceSpec>;
  /** What must be staged and built, bases first. */
  builds: Build[];
}

export interface BenchSpecOptions {
  /** Of the agent. */
  concurrency?: number;
  /** Folder in the containers where hub and agent write CPU profiles; null for none. */
  profiles?: string | null;
}

export function benchSpecs(configs: InfrastructureConfigs, dockerfiles: Dockerfiles, { concurrency = CONCURRENCY, profiles = null }: BenchSpecOptions): BenchSpecs {
  const settings = parseSettings({});
  const infrastructure = new Map(infrastructureSpecs(settings, configs).map((spec) => [spec.name, spec]));
  const entry = AgentEntry.parse({
    type: AGENT_TYPE, description: "What the benchmarks drive.", capabilities: ["noop"], concurrency, ports: [3302, 3302], needs: ["postgres"],
    resources: { memoryMiB: 256, cpus: 1 },
  });
  const agents = agentSpecs(settings, entry, dockerfiles, null)
    .map((spec) => ({ ...spec, image: nodeImage(AGENT_TYPE, "bench/fabric/agent/main.ts", `agents/${AGENT_TYPE}`, dockerfiles) }));
  const planned = [
    ...STORES.map((name) => infrastructure.get(name)!).map((spec) => (spec.name === "postgres" ? withPeerDatabases(spec) : spec)),
    bullmqRedis(infrastructure.get("redis")!), accessSpec(settings, dockerfiles), hubSpec(settings, dockerfiles), ...agents,
  ];
  const services = profiles === null ? planned : planned.map((spec) => profiled(spec, profiles));
  const bundled = services.flatMap(({ image }) => ("build" in image && image.build.bundle ? [image.build] : []));
  return {
    byName: new Map(services.map((spec) => [spec.name, spec])),
    builds: [baseBuilds(process.arch)[NODE_BASE]!, ...bundled],
  };
}

/** A deployment lets nobody but its own into its one database. */
function withPeerDatabases(spec: ServiceSpec): ServiceSpec {
  return { ...spec, files: changed(spec, "pg_hba.conf", (text) => `${text}host all ${PEER} all scram-sha-256\n`) };
}

function profiled(spec: ServiceSpec, folder: string): ServiceSpec {
  if (spec.name === "postgres") return { ...spec, files: changed(spec, "postgresql.conf", (text) => `${text}\nshared_preload_libraries = 'pg_stat_statements'\n`) };
  if (spec.name !== "hub" && spec.name !== AGENT) return spec;
  return { ...spec, env: { ...spec.env, NODE_OPTIONS: `${spec.env["NODE_OPTIONS"] ?? BASE_NODE_OPTIONS} --cpu-prof --cpu-prof-dir=${folder}` } };
}

/** The image and append-only file of ours, but nothing may be evicted: BullMQ's documentation asks for it. */
function bullmqRedis(spec: ServiceSpec): ServiceSpec {
  return {
    ...spec,
    name: BULLMQ_REDIS,
    host: BULLMQ_REDIS,
    volumes: spec.volumes.map((mount) => ({ ...mount, volume: `${BULLMQ_REDIS}-data` })),
    files: changed(spec, "redis.conf", (text) => text.replace(/^maxmemory-policy .*$/m, "maxmemory-policy noeviction")),
    secrets: [{
      path: `${SECRETS_DIR}/base.acl`,
      parts: [
        "user default off\n",
        "user health on nopass resetkeys resetchannels -@all +ping\n",
        `user ${PEER} on #`, { sha256: { store: "redis", identity: PEER } }, " ~* &* +@all\n",
      ],
    }],
  };
}

function changed(spec: ServiceSpec, name: string, change: (text: string) => string): ServiceSpec["files"] {
  return spec.files.map((file) => (file.path.endsWith(`/${name}`) ? { ...file, content: change(file.content) } : file));
}
