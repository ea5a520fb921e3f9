/** What servers and agents have in common. */
import type { AgentEntry, ServerEntry } from "../contract/catalog.ts";
import type { Grant } from "../contract/access.ts";
import { INFRASTRUCTURE } from "../contract/services.ts";
import type { Settings } from "../contract/settings.ts";
import { chainAccess, commonEnvironment, deliver, identitySecrets, nodeHealth, NODE_USER } from "./environment.ts";
import { containerName } from "./publish.ts";
import type { ConfigFile, ImageSource, PortSpec, ServiceSpec } from "./service-spec.ts";

/** Where a workspace is mounted. */
const WORKSPACE_PATH = "/workspace";

/** Host an entry names when it wants a chain, whoever provides it. */
const CHAIN = INFRASTRUCTURE.devnet.host;

export interface Instance {
  kind: "server" | "agent";
  name: string;
  /** Catalogue name. */
  of: string;
  number: number;
  host: string;
  port: number;
  ports: PortSpec[];
  image: ImageSource;
  grant: Grant;
  /** Identities, beside the hub's, that its token opens. */
  calls: readonly string[];
  files: readonly ConfigFile[];
  env: ServiceSpec["env"];
}

/** @param workspace absolute path on the engine's host; null mounts nothing */
export function applicationSpec(settings: Settings, entry: ServerEntry | AgentEntry, workspace: string | null, instance: Instance): ServiceSpec {
  const wantsChain = entry.needs.includes(CHAIN);
  const chain = wantsChain ? chainAccess(settings) : { env: {}, secrets: [] };
  const { env, secrets } = deliver([...identitySecrets(instance.grant, instance.calls), ...chain.secrets]);
  return {
    name: instance.name,
    kind: instance.kind,
    instance: { of: instance.of, number: instance.number },
    host: instance.host,
    container: containerName(settings, instance.host),
    image: instance.image,
    env: {
      ...entry.env,
      ...commonEnvironment(instance.of, instance.host, instance.port, entry.stopGraceSeconds),
      ...chain.env,
      ...instance.env,
      ...env,
    },
    secrets,
    files: [...instance.files],
    ports: instance.ports,
    volumes: Object.entries(entry.volumes).map(([volume, path]) => ({ volume, path })),
    binds: entry.workspace && workspace !== null ? [{ hostPath: workspace, path: WORKSPACE_PATH, readOnly: true }] : [],
    dependsOn: ["hub", ...entry.needs.filter((host) => host !== CHAIN || settings.rpcUrl === null)],
    health: nodeHealth(instance.port),
    user: NODE_USER,
    addCapabilities: [],
    resources: entry.resources,
    stopGraceSeconds: entry.stopGraceSeconds,
    labels: {},
  };
}
