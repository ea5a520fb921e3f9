/** The infrastructure of a stack. */
import type { Settings } from "../../contract/settings.ts";
import type { ConfigFile, ServiceSpec } from "../service-spec.ts";
import type { ConfigFolder, InfrastructureConfigs } from "./config-files.ts";
import { devnetSpec } from "./devnet.ts";
import { devnetTraderSpec } from "./devnet-trader.ts";
import { devnetUpstreamSpec } from "./devnet-upstream.ts";
import { etcdSpec } from "./etcd.ts";
import { flashTraderSpec } from "./flash-trader.ts";
import { marketFile } from "./market-file.ts";
import { nginxSpec } from "./nginx.ts";
import { postgresSpec } from "./postgres.ts";
import { rabbitmqSpec } from "./rabbitmq.ts";
import { redisSpec } from "./redis.ts";

export { CONFIG_FOLDERS, type ConfigFolder, type InfrastructureConfigs } from "./config-files.ts";

/**
 * The four stores, the edge, and what belongs to the local chain.
 *
 * @throws {Error} naming a file of `configs/` that is missing or wrong
 */
export function infrastructureSpecs(settings: Settings, configs: InfrastructureConfigs): ServiceSpec[] {
  return [
    rabbitmqSpec(settings, configs.rabbitmq),
    redisSpec(settings, configs.redis),
    etcdSpec(settings, configs.etcd),
    postgresSpec(settings, configs.postgres),
    nginxSpec(settings, configs.nginx),
    ...(settings.devnet.enabled ? chainSpecs(settings, configs.devnet) : []),
  ];
}

/** The address book of the market, for servers that read it; null where the chain has none: a fork, or one that is not local. */
export function marketOf(settings: Settings, configs: InfrastructureConfigs): ConfigFile | null {
  return settings.devnet.enabled && settings.devnet.forkUrl === null ? marketFile(settings, configs.devnet) : null;
}

/** The chain, with the market's two traders; as a fork, which has no such market, with the way to its origin instead. */
function chainSpecs(settings: Settings, configs: ConfigFolder): ServiceSpec[] {
  const { forkUrl } = settings.devnet;
  return [
    devnetSpec(settings, configs),
    ...(forkUrl === null ? [devnetTraderSpec(settings, configs), flashTraderSpec(settings, configs)] : [devnetUpstreamSpec(settings, forkUrl)]),
  ];
}
