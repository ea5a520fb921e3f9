/** Moves prices on the local chain's market, block by block, the same way for the same seed. */
import { readFileSync } from "node:fs";
import { Counter } from "prom-client";
import { createClient, http } from "viem";
import { MarketBook } from "../../contract/market.ts";
import { TraderEnvironment } from "../../contract/environment.ts";
import { untilDone } from "../kit/backoff.ts";
import { ConfigError, loadConfig } from "../kit/config.ts";
import { messageOf } from "../kit/errors.ts";
import { createHttpApp } from "../kit/http.ts";
import { endOnSignals, Shutdown } from "../kit/lifecycle.ts";
import { createLogger } from "../kit/log.ts";
import { createMetrics } from "../kit/metrics.ts";
import { runMain } from "../kit/run.ts";
import { tokenChecker } from "../kit/tokens.ts";
import { checkChain, Trader } from "./trader.ts";

/** Left of the stop grace when the process ends of itself. */
const SPARE_MS = 500;

await runMain("devnet-trader", async () => {
  const config = loadConfig(TraderEnvironment);
  if (config.MCP_RPC_URL === undefined || config.MCP_DEVNET_CHAIN_ID === undefined) {
    throw new ConfigError(["MCP_RPC_URL and MCP_DEVNET_CHAIN_ID: missing; there is a trader only where the local chain is"]);
  }
  const log = createLogger(config.SERVICE_NAME, config.LOG_LEVEL);
  const metrics = createMetrics(config.SERVICE_NAME);
  const rounds = new Counter({ name: "devnet_trader_rounds_total", help: "Blocks, by outcome.", labelNames: ["outcome"], registers: [metrics] });
  const trades = new Counter({ name: "devnet_trader_trades_total", help: "Trades, by outcome.", labelNames: ["outcome"], registers: [metrics] });

  const book = MarketBook.parse(JSON.parse(readFileSync(config.TRADER_MARKET_FILE, "utf8")));
  const chain = createClient({ transport: http(config.MCP_RPC_URL, { timeout: 5_000, retryCount: 0 }), cacheTime: 0 });
  let failing: string | null = "chain";
  const trader = new Trader({
    chain, book, seed: config.TRADER_SEED, pauseMs: config.TRADER_PAUSE_MS,
    onRound({ blockNumber, sent, skipped }) {
      failing = null;
      rounds.inc({ outcome: "done" });
      trades.inc({ outcome: "sent" }, sent.length);
      for (const { reason } of skipped) trades.inc({ outcome: reason });
      log.debug({ blockNumber, sent: sent.length, skipped }, "round");
    },
    onFailure(error) {
      rounds.inc({ outcome: "failed" });
      const reason = messageOf(error).split("\n")[0]!;
      if (failing !== reason) log.warn({ reason }, "a round failed; going on with the next block");
      failing = reason;
    },
  });

  const stopping = new AbortController();
  const shutdown = new Shutdown(log);
  const app = createHttpApp({ log, metrics, checkToken: tokenChecker(config.MCP_TOKEN_PUBLIC_KEY, "devnet-trader"), missing: () => (failing === null ? [] : ["chain"]) });
  shutdown.add("http", "http server", () => app.close());
  endOnSignals(shutdown, log, config.STOP_GRACE_SECONDS * 1_000 - SPARE_MS);
  await app.listen({ host: "0.0.0.0", port: config.SERVICE_PORT });
  log.info({ port: config.SERVICE_PORT, seed: config.TRADER_SEED }, "listening");

  const running = untilDone(() => checkChain(chain, book), {
    signal: stopping.signal,
    onFailure: (error, failures) => { if (failures === 1) log.warn({ reason: messageOf(error) }, "cannot trade yet; trying until it can"); },
  }).then(() => trader.run(stopping.signal)).catch((error: unknown) => { if (!stopping.signal.aborted) throw error; });
  shutdown.add("work", "trader", () => { stopping.abort(); return running; });
});
