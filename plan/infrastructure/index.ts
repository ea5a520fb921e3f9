/** The infrastructure of a stack. */
import type { Settings } from "../../contract/settings.ts";
import type { ServiceSpec } from "../service-spec.ts";
import type { InfrastructureConfigs } from "./config-files.ts";
import { devnetSpec } from "./devnet.ts";
import { devnetTraderSpec } from "./devnet-trader.ts";
import { etcdSpec } from "./etcd.ts";
import { flashTraderSpec } from "./flash-trader.ts";
import { nginxSpec } from "./nginx.ts";
import { postgresSpec } from "./postgres.ts";
import { rabbitmqSpec } from "./rabbitmq.ts";
import { redisSpec } from "./redis.ts";

export { CONFIG_FOLDERS, type ConfigFolder, type InfrastructureConfigs } from "./config-files.ts";

/** The four stores, the edge, and where it is enabled the local chain with its trader and the flash trader. @throws {Error} naming a file of `configs/` that is missing or wrong */
export function infrastructureSpecs(settings: Settings, configs: InfrastructureConfigs): ServiceSpec[] {
  return [
    rabbitmqSpec(settings, configs.rabbitmq),
    redisSpec(settings, configs.redis),
    etcdSpec(settings, configs.etcd),
    postgresSpec(settings, configs.postgres),
    nginxSpec(settings, configs.nginx),
    ...(settings.devnet.enabled ? [devnetSpec(settings, configs.devnet), devnetTraderSpec(settings, configs.devnet), flashTraderSpec(settings, configs.devnet)] : []),
  ];
}
