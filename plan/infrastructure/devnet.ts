/** The local EVM chain, which starts with a market on it, or as a fork of another chain. */
import { INFRASTRUCTURE } from "../../contract/services.ts";
import type { Settings } from "../../contract/settings.ts";
import { publish } from "../publish.ts";
import type { ServiceSpec } from "../service-spec.ts";
import { configFiles, type ConfigFolder } from "./config-files.ts";
import { UPSTREAM_URL } from "./devnet-upstream.ts";
import { infrastructureSpec } from "./infrastructure-spec.ts";
import { jsonRpcProbe, steadily } from "./probes.ts";

/** Path of anvil's native binary below node_modules. The package for other processors is not among the dependencies. */
const ANVIL = "@foundry-rs/anvil-linux-amd64/bin/anvil";

export function devnetSpec(settings: Settings, configs: ConfigFolder): ServiceSpec {
  const { host, port } = INFRASTRUCTURE.devnet;
  const { chainId, seed, blockSeconds, forkUrl, forkBlock } = settings.devnet;
  const fork = forkUrl === null ? { forkUrl: "", forkBlock: "" } : { forkUrl: UPSTREAM_URL, forkBlock: forkBlock ?? "" };
  return infrastructureSpec(settings, {
    name: "devnet",
    host,
    uid: 10_006,
    packageFiles: { anvil: ANVIL },
    // Also for a fork: switching to it and back makes no other image.
    market: { chainId, seed },
    secrets: [],
    files: configFiles("devnet", configs, ["devnet.conf"], { chainId, blockSeconds, ...fork }),
    ports: publish(settings, port),
    ...(forkUrl !== null && { dependsOn: [INFRASTRUCTURE.upstream.host] }),
    health: steadily(jsonRpcProbe(port, "eth_chainId")),
    resources: { memoryMiB: 512, cpus: 1 },
    stopGraceSeconds: 15,
  });
}
