/** The process that moves prices on the local chain's market. Switched off by its name in mcp:disabled. */
import { INFRASTRUCTURE } from "../../contract/services.ts";
import type { Settings } from "../../contract/settings.ts";
import { chainAccess, commonEnvironment, deliver, nodeHealth, NODE_USER, verification } from "../environment.ts";
import { nodeImage } from "../node-image.ts";
import { containerName } from "../publish.ts";
import type { ServiceSpec } from "../service-spec.ts";
import type { ConfigFolder } from "./config-files.ts";
import { marketFile } from "./market-file.ts";

const STOP_GRACE_SECONDS = 10;

export function devnetTraderSpec(settings: Settings, configs: ConfigFolder): ServiceSpec {
  const { host, port } = INFRASTRUCTURE.trader;
  const { env, secrets } = deliver([verification]);
  return {
    name: "devnet-trader",
    kind: "infrastructure",
    host,
    container: containerName(settings, host),
    image: nodeImage("devnet-trader", "services/devnet-trader/main.ts", "infrastructure/devnet-trader", new Set()),
    env: { ...commonEnvironment("devnet-trader", host, port, STOP_GRACE_SECONDS), ...env, ...chainAccess(settings).env, TRADER_SEED: settings.devnet.seed },
    secrets,
    files: [marketFile(settings, configs)],
    ports: [],
    volumes: [],
    binds: [],
    dependsOn: [INFRASTRUCTURE.devnet.host],
    health: nodeHealth(port),
    user: NODE_USER,
    addCapabilities: [],
    resources: { memoryMiB: 160, cpus: 0.5 },
    stopGraceSeconds: STOP_GRACE_SECONDS,
    labels: {},
  };
}
