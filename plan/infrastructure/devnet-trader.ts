/** The process that moves prices on the local chain's market. Switched off by its name in mcp:disabled. */
import { INFRASTRUCTURE } from "../../contract/services.ts";
import type { Settings } from "../../contract/settings.ts";
import { chainAccess } from "../environment.ts";
import type { ServiceSpec } from "../service-spec.ts";
import type { ConfigFolder } from "./config-files.ts";
import { marketFile } from "./market-file.ts";
import { nodeSpec } from "./node-spec.ts";

export function devnetTraderSpec(settings: Settings, configs: ConfigFolder): ServiceSpec {
  return nodeSpec(settings, {
    name: "devnet-trader",
    at: INFRASTRUCTURE.trader,
    env: { ...chainAccess(settings).env, TRADER_SEED: settings.devnet.seed },
    secrets: [],
    files: [marketFile(settings, configs)],
    dependsOn: [INFRASTRUCTURE.devnet.host],
    resources: { memoryMiB: 160, cpus: 0.5 },
  });
}
