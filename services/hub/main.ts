/** `mcp-coordinator`: task API, dispatcher, service registry, aggregated MCP endpoint. */
import { HubEnvironment } from "../../contract/environment.ts";
import { loadConfig, ConfigError } from "../kit/config.ts";
import { openRedis } from "../kit/redis.ts";
import { runMain } from "../kit/run.ts";
import { createService } from "../kit/service.ts";
import { tokenChecker } from "../kit/tokens.ts";
import { readMigrations } from "../kit/migrations.ts";
import { gatewayOptions } from "./gateway/options.ts";
import { Hub } from "./hub.ts";

const IDENTITY = "hub";
/** Of a request to the task API. */
const BODY_LIMIT = 1024 * 1024;

await runMain(IDENTITY, async () => {
  const config = loadConfig(HubEnvironment);
  const { MCP_ETCD_URL: etcdUrl, MCP_REDIS_URL: redisUrl, MCP_SERVICE_TOKEN: token } = config;
  if (etcdUrl === undefined || redisUrl === undefined || token === undefined) {
    throw new ConfigError(Object.entries({ MCP_ETCD_URL: etcdUrl, MCP_REDIS_URL: redisUrl, MCP_SERVICE_TOKEN: token })
      .filter(([, value]) => value === undefined).map(([name]) => `${name}: missing`));
  }
  const checkToken = tokenChecker(config.MCP_TOKEN_PUBLIC_KEY, IDENTITY);
  const service = createService({ config, identity: IDENTITY, checkToken, bodyLimit: BODY_LIMIT });
  const { access, log, shutdown } = service;
  const hub = new Hub({
    http: service.http, metrics: service.metrics, log, checkToken, token,
    replicas: config.HUB_REPLICAS,
    gateway: gatewayOptions(config, token),
    migrations: await readMigrations(new URL("./migrations/", import.meta.url)),
  });
  service.addReadiness(() => hub.missing());
  await service.listen();
  shutdown.add("http", "open streams", () => hub.release());
  await access.apply();
  // Not one of the service's own stores: those count in /readyz, and the hub works without Redis.
  const redis = openRedis(redisUrl, { log, onRefused: () => access.refused() });
  shutdown.add("stores", "redis", () => redis.close());
  await service.connect(async ({ postgres, rabbitmq }) => hub.start({
    pool: postgres(), redis: redis.client, bus: rabbitmq(), etcdUrl, onEtcdRefused: () => access.refused(),
  }));
  shutdown.add("application", "hub", () => hub.close());
  log.info("the hub is up");
});
