/** The local EVM chain, which starts with a market on it. */
import { INFRASTRUCTURE } from "../../contract/services.ts";
import type { Settings } from "../../contract/settings.ts";
import { publish } from "../publish.ts";
import type { ServiceSpec } from "../service-spec.ts";
import { configFiles, type ConfigFolder } from "./config-files.ts";
import { infrastructureSpec } from "./infrastructure-spec.ts";
import { jsonRpcProbe, steadily } from "./probes.ts";

/** Path of anvil's native binary below node_modules. The package for other processors is not among the dependencies. */
const ANVIL = "@foundry-rs/anvil-linux-amd64/bin/anvil";

export function devnetSpec(settings: Settings, configs: ConfigFolder): ServiceSpec {
  const { host, port } = INFRASTRUCTURE.devnet;
  const { chainId, seed, blockSeconds } = settings.devnet;
  return infrastructureSpec(settings, {
    name: "devnet",
    host,
    uid: 10_006,
    packageFiles: { anvil: ANVIL },
    market: { chainId, seed },
    secrets: [],
    files: configFiles("devnet", configs, ["devnet.conf"], { chainId, blockSeconds }),
    ports: publish(settings, port),
    health: steadily(jsonRpcProbe(port, "eth_chainId")),
    resources: { memoryMiB: 512, cpus: 1 },
    stopGraceSeconds: 15,
  });
}
