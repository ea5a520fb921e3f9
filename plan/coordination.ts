/** The access service and the hub. */
import { INFRASTRUCTURE } from "../contract/services.ts";
import type { Settings } from "../contract/settings.ts";
import { adminSecrets, commonEnvironment, delegationSecrets, deliver, identitySecrets, nodeHealth, NODE_USER, type SecretVariable } from "./environment.ts";
import { nodeImage, type Dockerfiles } from "./node-image.ts";
import { containerName, publish } from "./publish.ts";
import { HUB, hubGrant } from "./rights.ts";
import type { ServiceSpec } from "./service-spec.ts";

const STOP_GRACE_SECONDS = 15;
const STORES = ["rabbitmq", "redis", "etcd", "postgres"];

interface Role {
  name: string;
  at: { host: string; port: number };
  secrets: SecretVariable[];
  dependsOn: string[];
  memoryMiB: number;
  env?: Record<string, string>;
}

function coordinationSpec(settings: Settings, dockerfiles: Dockerfiles, role: Role): ServiceSpec {
  const { host, port } = role.at;
  const { env, secrets } = deliver(role.secrets);
  return {
    name: role.name,
    kind: "coordination",
    host,
    container: containerName(settings, host),
    image: nodeImage(role.name, `services/${role.name}/main.ts`, `coordination/${role.name}`, dockerfiles),
    env: { ...commonEnvironment(role.name, host, port, STOP_GRACE_SECONDS), ...role.env, ...env },
    secrets,
    files: [],
    ports: publish(settings, port),
    volumes: [],
    binds: [],
    dependsOn: role.dependsOn,
    health: nodeHealth(port),
    user: NODE_USER,
    addCapabilities: [],
    resources: { memoryMiB: role.memoryMiB, cpus: 1 },
    stopGraceSeconds: STOP_GRACE_SECONDS,
    labels: {},
  };
}

/** The only holder of administrators' credentials: applies signed grants to the four stores. */
export function accessSpec(settings: Settings, dockerfiles: Dockerfiles): ServiceSpec {
  return coordinationSpec(settings, dockerfiles, {
    name: "access", at: INFRASTRUCTURE.access, secrets: adminSecrets(), dependsOn: STORES, memoryMiB: 128,
  });
}

/** Name of the hub in `mcp:replicas`. */
export const HUB_SERVICE = "hub";

/** Task API, registry and aggregated MCP endpoint. */
export function hubSpec(settings: Settings, dockerfiles: Dockerfiles): ServiceSpec {
  const replicas = settings.replicas[HUB_SERVICE] ?? 1;
  return coordinationSpec(settings, dockerfiles, {
    name: HUB_SERVICE, at: INFRASTRUCTURE.hub, secrets: [...identitySecrets(hubGrant()), ...delegationSecrets(HUB)], dependsOn: ["access", ...STORES], memoryMiB: 448,
    // Each task leaves some hundred short-lived objects: with the base image's young generation a quarter of its time went into collecting them.
    env: { NODE_OPTIONS: "--max-semi-space-size=16", ...(replicas > 1 ? { HUB_REPLICAS: String(replicas) } : {}) },
  });
}

/** The hub and those beside it: all answer to its name, only the first is published, one of them dispatches. */
export function hubSpecs(settings: Settings, dockerfiles: Dockerfiles): ServiceSpec[] {
  const first = hubSpec(settings, dockerfiles);
  return Array.from({ length: settings.replicas[HUB_SERVICE] ?? 1 }, (_, index) => index + 1).map((number) => {
    if (number === 1) return first;
    const host = `${first.host}-${number}`;
    return {
      ...first,
      name: `${HUB_SERVICE}-${number}`,
      instance: { of: HUB_SERVICE, number },
      host,
      aliases: [first.host],
      container: containerName(settings, host),
      env: { ...first.env, SERVICE_HOST: host },
      ports: [],
    };
  });
}
