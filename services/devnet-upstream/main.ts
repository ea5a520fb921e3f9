/** The way from the local chain to the one it is a fork of: the only holder of that endpoint's URL. */
import { UpstreamEnvironment } from "../../contract/environment.ts";
import { loadConfig } from "../kit/config.ts";
import { endOnSignals, Shutdown } from "../kit/lifecycle.ts";
import { createLogger } from "../kit/log.ts";
import { createMetrics } from "../kit/metrics.ts";
import { runMain } from "../kit/run.ts";
import { tokenChecker } from "../kit/tokens.ts";
import { createUpstreamApp } from "./app.ts";
import { connectEndpoint } from "./endpoint.ts";

/** Left of the stop grace when the process ends of itself. */
const SPARE_MS = 500;

await runMain("devnet-upstream", async () => {
  const config = loadConfig(UpstreamEnvironment);
  const log = createLogger(config.SERVICE_NAME, config.LOG_LEVEL);
  const app = createUpstreamApp({
    log, metrics: createMetrics(config.SERVICE_NAME), checkToken: tokenChecker(config.MCP_TOKEN_PUBLIC_KEY, config.SERVICE_NAME),
    endpoint: connectEndpoint(config.UPSTREAM_RPC_URL),
  });
  const shutdown = new Shutdown(log);
  shutdown.add("http", "http server", () => app.close());
  endOnSignals(shutdown, log, config.STOP_GRACE_SECONDS * 1_000 - SPARE_MS);
  await app.listen({ host: "0.0.0.0", port: config.SERVICE_PORT });
  log.info({ port: config.SERVICE_PORT }, "listening");
});
