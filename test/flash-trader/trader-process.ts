/**
 * The trader in a process of its own, as main.ts has it but for the books, which are in a file: PostgreSQL runs in
 * containers alone (test/live/flash-trader). Its environment is the service's, and TRADER_BOOKS_FILE.
 */
import { readFileSync } from "node:fs";
import { FlashTraderEnvironment } from "../../contract/environment.ts";
import { MarketBook } from "../../contract/market.ts";
import { KILL_SWITCH_KEY, nonceKey } from "../../contract/trading.ts";
import { mountTrader } from "../../services/flash-trader/api/routes.ts";
import { etcdKillSwitch } from "../../services/flash-trader/decide/kill-switch.ts";
import { LivePermit } from "../../services/flash-trader/decide/live-permit.ts";
import { RunningTrader } from "../../services/flash-trader/running-trader.ts";
import { EtcdNonceLease } from "../../services/flash-trader/send/nonce-lease.ts";
import { openWallet } from "../../services/flash-trader/send/wallet.ts";
import { connectionsOf, traderSettings } from "../../services/flash-trader/settings.ts";
import { logWatcher } from "../../services/flash-trader/tell/log.ts";
import { FileBooks } from "../../services/flash-trader/testing/file-books.ts";
import { untilDone } from "../../services/kit/backoff.ts";
import { loadConfig } from "../../services/kit/config.ts";
import { EtcdGateway } from "../../services/kit/etcd/gateway.ts";
import { createHttpApp } from "../../services/kit/http.ts";
import { endOnSignals, Shutdown } from "../../services/kit/lifecycle.ts";
import { createLogger } from "../../services/kit/log.ts";
import { createMetrics } from "../../services/kit/metrics.ts";
import { tokenChecker } from "../../services/kit/tokens.ts";

const config = loadConfig(FlashTraderEnvironment);
const { rpcUrl, headsUrl, etcdUrl, key } = connectionsOf(config);
const log = createLogger(config.SERVICE_NAME, config.LOG_LEVEL);
const metrics = createMetrics(config.SERVICE_NAME);
const book = MarketBook.parse(JSON.parse(readFileSync(config.TRADING_MARKET_FILE, "utf8")));
const settings = traderSettings(config, book.chainId);
const wallet = openWallet(key);
const etcd = new EtcdGateway(etcdUrl);
const lease = new EtcdNonceLease(etcd, nonceKey(settings.chainId, wallet.address));
const permit = new LivePermit();
const books = new FileBooks(process.env["TRADER_BOOKS_FILE"]!);
const trader = new RunningTrader({
  rpcUrl, headsUrl, pollMs: config.TRADING_POLL_MS, book, books, wallet, lease, settings, permit, metrics,
  killSwitch: etcdKillSwitch(etcd, KILL_SWITCH_KEY, config.TRADING_STOP_FILE, 300), watchers: () => [logWatcher(log)], onWatcherError: (error) => { throw error; },
});
const shutdown = new Shutdown(log);
const app = createHttpApp({ log, metrics, checkToken: tokenChecker(config.MCP_TOKEN_PUBLIC_KEY, "flash-trader"), missing: () => trader.missing() });
mountTrader(app, { settings, permit, running: () => ({ books, state: () => trader.state(), gates: () => trader.gates() }) });
const stopping = new AbortController();
const leasing = lease.run(stopping.signal, () => undefined);
shutdown.add("application", "lease", () => { stopping.abort(); return leasing; });
shutdown.add("work", "trader", () => trader.close());
shutdown.add("http", "http", () => app.close());
endOnSignals(shutdown, log, 10_000);
await untilDone(() => trader.start());
await app.listen({ host: "127.0.0.1", port: config.SERVICE_PORT });
