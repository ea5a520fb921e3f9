/** The access service and the hub. */
import { INFRASTRUCTURE } from "../contract/services.ts";
import type { Settings } from "../contract/settings.ts";
import { adminSecrets, commonEnvironment, deliver, identitySecrets, nodeHealth, NODE_USER, type SecretVariable } from "./environment.ts";
import { nodeImage, type Dockerfiles } from "./node-image.ts";
import { containerName, publish } from "./publish.ts";
import { hubGrant } from "./rights.ts";
import type { ServiceSpec } from "./service-spec.ts";

const STOP_GRACE_SECONDS = 15;
const STORES = ["rabbitmq", "redis", "etcd", "postgres"];

interface Role {
  name: string;
  at: { host: string; port: number };
  secrets: SecretVariable[];
  dependsOn: string[];
  memoryMiB: number;
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
    env: { ...commonEnvironment(role.name, host, port, STOP_GRACE_SECONDS), ...env },
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

/** Task API, registry and aggregated MCP endpoint. */
export function hubSpec(settings: Settings, dockerfiles: Dockerfiles): ServiceSpec {
  return coordinationSpec(settings, dockerfiles, {
    name: "hub", at: INFRASTRUCTURE.hub, secrets: identitySecrets(hubGrant()), dependsOn: ["access", ...STORES], memoryMiB: 320,
  });
}
