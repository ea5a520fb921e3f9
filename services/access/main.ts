/**
 * The access service: the only holder of administrators' credentials. A service sends it the grant that the deployment
 * signed for it, and it gives that service its user and rights in RabbitMQ, Redis, etcd and PostgreSQL.
 */
import { endOnSignals, Shutdown } from "../kit/lifecycle.ts";
import { createLogger } from "../kit/log.ts";
import { createMetrics } from "../kit/metrics.ts";
import { runMain } from "../kit/run.ts";
import { createAccessApp } from "./app.ts";
import { accessConfig } from "./config.ts";
import { StoreKeeper } from "./store-keeper.ts";
import { EtcdAccess } from "./stores/etcd.ts";
import { PostgresAccess } from "./stores/postgres.ts";
import { RabbitmqAccess } from "./stores/rabbitmq.ts";
import { RedisAccess } from "./stores/redis.ts";

/** Left of the stop grace when the process ends of itself. */
const SPARE_MS = 500;

await runMain("access", async () => {
  const config = accessConfig();
  const log = createLogger(config.SERVICE_NAME, config.LOG_LEVEL);
  const passwordKey = config.MCP_PASSWORD_KEY;
  const stores = [
    new RabbitmqAccess(config.MCP_RABBITMQ_MANAGEMENT_URL, passwordKey),
    new RedisAccess(config.redisUrl, passwordKey),
    new EtcdAccess(config.etcdUrl, passwordKey),
    new PostgresAccess(config.postgresUrl, passwordKey),
  ].map((store) => new StoreKeeper(store, log));
  const app = createAccessApp({ log, metrics: createMetrics(config.SERVICE_NAME), publicKey: config.MCP_TOKEN_PUBLIC_KEY, stores });

  const shutdown = new Shutdown(log);
  shutdown.add("http", "http server", () => app.close());
  for (const store of stores) shutdown.add("stores", store.name, () => store.stop());
  endOnSignals(shutdown, log, config.STOP_GRACE_SECONDS * 1_000 - SPARE_MS);

  for (const store of stores) store.start();
  await app.listen({ host: "0.0.0.0", port: config.SERVICE_PORT });
  log.info({ port: config.SERVICE_PORT }, "listening");
});
