/** The flash trader, where the local chain's market is: there is no address book of another chain's. Switched off by its name in mcp:disabled. */
import { INFRASTRUCTURE } from "../../contract/services.ts";
import type { Settings } from "../../contract/settings.ts";
import { executorOwnerKey } from "../devnet-key.ts";
import { chainAccess, commonEnvironment, deliver, identitySecrets, nodeHealth, NODE_USER, secretVariable } from "../environment.ts";
import { nodeImage } from "../node-image.ts";
import { containerName, publish } from "../publish.ts";
import { FLASH_TRADER, flashTraderGrant } from "../rights.ts";
import type { ServiceSpec } from "../service-spec.ts";
import type { ConfigFolder } from "./config-files.ts";
import { marketFile } from "./market-file.ts";

/** A round and what it has signed end well within it. */
const STOP_GRACE_SECONDS = 15;

export function flashTraderSpec(settings: Settings, configs: ConfigFolder): ServiceSpec {
  const { host, port } = INFRASTRUCTURE.flashTrader;
  const { mode, liveChainId } = settings.trading;
  const chain = chainAccess(settings);
  const { env, secrets } = deliver([...identitySecrets(flashTraderGrant()), ...chain.secrets, secretVariable("TRADING_KEY", executorOwnerKey())]);
  return {
    name: FLASH_TRADER,
    kind: "coordination",
    host,
    container: containerName(settings, host),
    image: nodeImage(FLASH_TRADER, "services/flash-trader/main.ts", "infrastructure/flash-trader", new Set()),
    env: {
      ...commonEnvironment(FLASH_TRADER, host, port, STOP_GRACE_SECONDS), ...env, ...chain.env,
      TRADING_MODE: mode, ...(liveChainId === undefined ? {} : { TRADING_LIVE_CHAIN_ID: String(liveChainId) }),
    },
    secrets,
    files: [marketFile(settings, configs)],
    ports: publish(settings, port),
    volumes: [],
    binds: [],
    dependsOn: ["access", INFRASTRUCTURE.rabbitmq.host, INFRASTRUCTURE.redis.host, INFRASTRUCTURE.etcd.host, INFRASTRUCTURE.postgres.host, INFRASTRUCTURE.devnet.host],
    health: nodeHealth(port),
    user: NODE_USER,
    addCapabilities: [],
    resources: { memoryMiB: 512, cpus: 1 },
    stopGraceSeconds: STOP_GRACE_SECONDS,
    labels: {},
  };
}
