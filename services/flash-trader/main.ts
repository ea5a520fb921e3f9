/** From a block to a transaction, in one process: the trader with its stores, its chain and its watchers. */
import { readFileSync } from "node:fs";
import { TRADING_SCHEMA } from "../../contract/access.ts";
import { FlashTraderEnvironment } from "../../contract/environment.ts";
import { MarketBook } from "../../contract/market.ts";
import { KILL_SWITCH_KEY, nonceKey } from "../../contract/trading.ts";
import { loadConfig } from "../kit/config.ts";
import { messageOf } from "../kit/errors.ts";
import { EtcdGateway } from "../kit/etcd/gateway.ts";
import { migrate, readMigrations } from "../kit/migrations.ts";
import { openRedis } from "../kit/redis.ts";
import { runMain } from "../kit/run.ts";
import { createService } from "../kit/service.ts";
import { mountTrader } from "./api/routes.ts";
import { PostgresBooks } from "./books/postgres-books.ts";
import { keepBooksShort } from "./books/retention.ts";
import { etcdKillSwitch } from "./decide/kill-switch.ts";
import { LivePermit } from "./decide/live-permit.ts";
import { openWallet } from "./send/wallet.ts";
import { EtcdNonceLease } from "./send/nonce-lease.ts";
import { RunningTrader } from "./running-trader.ts";
import { connectionsOf, traderSettings } from "./settings.ts";
import { eventWatcher } from "./tell/events.ts";
import { logWatcher } from "./tell/log.ts";
import { RedisMarket } from "./tell/redis-market.ts";

const IDENTITY = "flash-trader";
/** A kill switch that has not answered by then counts as set. */
const KILL_SWITCH_TIMEOUT_MS = 500;

await runMain(IDENTITY, async () => {
  const config = loadConfig(FlashTraderEnvironment);
  const { rpcUrl, headsUrl, etcdUrl, key } = connectionsOf(config);
  const book = MarketBook.parse(JSON.parse(readFileSync(config.TRADING_MARKET_FILE, "utf8")));
  const settings = traderSettings(config, book.chainId);
  const wallet = openWallet(key);
  const migrations = await readMigrations(new URL("./migrations/", import.meta.url));
  const permit = new LivePermit();

  const service = createService({ config, identity: IDENTITY });
  const { access, log, shutdown } = service;
  let running: { books: PostgresBooks; trader: RunningTrader } | null = null;
  mountTrader(service.http, { settings, permit, running: () => running && { books: running.books, state: () => running!.trader.state(), gates: () => running!.trader.gates() } });
  service.addReadiness(() => running?.trader.missing() ?? ["start"]);
  await service.listen();
  await access.apply();

  const etcd = new EtcdGateway(etcdUrl);
  const lease = new EtcdNonceLease(etcd, nonceKey(settings.chainId, wallet.address));
  const stopping = new AbortController();
  const leasing = lease.run(stopping.signal, (error) => log.debug({ reason: messageOf(error) }, "the nonces' lease could not be renewed"));
  shutdown.add("application", "nonce lease", () => { stopping.abort(); return leasing; });
  // Not one of the service's own stores: those count in /readyz, and a trade needs neither Redis nor the broker.
  const redis = config.MCP_REDIS_URL === undefined ? null : openRedis(config.MCP_REDIS_URL, { log, onRefused: () => access.refused() });
  if (redis) shutdown.add("stores", "redis", () => redis.close());

  running = await service.connect(async (stores) => {
    const pool = stores.postgres();
    const ran = await migrate(pool, TRADING_SCHEMA, migrations);
    if (ran.length > 0) log.info({ migrations: ran }, "the database is up to date");
    const books = new PostgresBooks(pool);
    const untold = (error: unknown): void => log.debug({ reason: messageOf(error) }, "a watcher could not be told");
    const trader = new RunningTrader({
      rpcUrl, headsUrl, pollMs: config.TRADING_POLL_MS, book, books, wallet, lease, settings, permit, metrics: service.metrics,
      killSwitch: etcdKillSwitch(etcd, KILL_SWITCH_KEY, config.TRADING_STOP_FILE, KILL_SWITCH_TIMEOUT_MS),
      watchers: (pools) => [
        logWatcher(log),
        ...(config.MCP_RABBITMQ_URL === undefined ? [] : [eventWatcher({ bus: stores.rabbitmq(), books, chainId: settings.chainId, onError: untold })]),
        ...(redis ? [new RedisMarket({ redis: redis.client, chainId: settings.chainId, pools, onError: untold })] : []),
      ],
      onWatcherError: untold,
    });
    await trader.start();
    return { books, trader };
  });
  shutdown.add("work", "trader", () => running?.trader.close());
  const forgetting = keepBooksShort(running.books, stopping.signal, (error) => log.warn({ reason: messageOf(error) }, "the books could not be kept short"));
  shutdown.add("application", "retention", () => { stopping.abort(); return forgetting; });
  log.info({ account: wallet.address, chainId: settings.chainId, mode: settings.mode, liveChainId: settings.liveChainId }, "following the chain");
});
