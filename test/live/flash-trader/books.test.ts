/** The trader's books in a real PostgreSQL, under rights of their own. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { ACCESS_ADMIN, TRADING_SCHEMA, type Store } from "../../../contract/access.ts";
import { passwordKey } from "../../../contract/derive.ts";
import { parseSettings } from "../../../contract/settings.ts";
import { TraderState } from "../../../contract/trading.ts";
import { executorOwnerKey } from "../../../plan/devnet-key.ts";
import { storeUrl } from "../../../plan/environment.ts";
import { infrastructureSpecs } from "../../../plan/infrastructure/index.ts";
import { readInfrastructureConfigs } from "../../../plan/read-sources.ts";
import { PostgresAccess } from "../../../services/access/stores/postgres.ts";
import { PostgresBooks } from "../../../services/flash-trader/books/postgres-books.ts";
import { booksKeepTheirPromises } from "../../../services/flash-trader/testing/books-conformance.ts";
import { migrate, readMigrations } from "../../../services/kit/migrations.ts";
import { startEtcdStandIn } from "../../flash-trader/etcd-stand-in.ts";
import { startMarket } from "../../support/market.ts";
import { SpecRunner } from "../support/run-spec.ts";

const ROOT = join(import.meta.dirname, "../../..");
const TRADER = "flash-trader";
const SCHEMA = TRADING_SCHEMA;
const POSTGRES: Store = "postgres";

describe("the trader's books in PostgreSQL", function () {
  this.timeout(120_000);
  const runner = new SpecRunner({ prefix: "books-test-" });
  let pool: pg.Pool;
  const url = (identity: string): string => runner.keys.render(storeUrl(POSTGRES, identity)).replace("@postgres:", `@${runner.address(POSTGRES)}:`);

  before(async () => {
    await runner.setUp();
    await runner.start(infrastructureSpecs(parseSettings({}), readInfrastructureConfigs(ROOT)).find(({ name }) => name === POSTGRES)!);
    await runner.ready(POSTGRES, 90_000);
    const access = new PostgresAccess(url(ACCESS_ADMIN.postgres), passwordKey(runner.rootKey));
    await access.prepare();
    await access.apply({ identity: TRADER, postgres: { owns: SCHEMA, reads: [], groups: [] } });
    await access.close();
    pool = new pg.Pool({ connectionString: url(TRADER), max: 8 });
    pool.on("error", () => undefined);
    await migrate(pool, SCHEMA, await readMigrations(new URL("../../../services/flash-trader/migrations/", import.meta.url)));
  });
  after(async () => {
    await pool.end();
    await runner.tearDown();
  });

  booksKeepTheirPromises(async () => {
    await pool.query("truncate trading.trades, trading.signatures restart identity");
    return new PostgresBooks(pool);
  });

  it("bring main.ts up: migrations, rights and readiness, and the state over HTTP", async () => {
    const market = await startMarket("--block-time", "1");
    const etcd = await startEtcdStandIn();
    const grants = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ identity: TRADER, applied: ["postgres"], ms: 1 }));
    }).listen(0, "127.0.0.1");
    await once(grants, "listening");
    const folder = mkdtempSync(join(tmpdir(), "trader-main-"));
    const [marketFile, secretsFile] = [join(folder, "market.json"), join(folder, "service.env")];
    writeFileSync(marketFile, JSON.stringify(market.book));
    writeFileSync(secretsFile, [
      `TRADING_KEY=${executorOwnerKey()}`, `MCP_POSTGRES_URL=${url(TRADER)}`, `MCP_ETCD_URL=${etcd.url}`, "MCP_ACCESS_GRANT=applied.by.the.test",
      `MCP_TOKEN_PUBLIC_KEY=${runner.keys.render([{ publicKey: true }])}`, "",
    ].join("\n"), { mode: 0o600 });
    const port = 18_799;
    const child = spawn(process.execPath, [join(ROOT, "services/flash-trader/main.ts")], { stdio: ["ignore", "ignore", "inherit"], env: {
      PATH: process.env["PATH"], SERVICE_NAME: "flash-trader", SERVICE_HOST: "127.0.0.1", SERVICE_PORT: String(port), MCP_SECRETS_FILE: secretsFile, MCP_RPC_URL: market.url,
      MCP_DEVNET_CHAIN_ID: "31337", TRADING_MARKET_FILE: marketFile, MCP_ACCESS_URL: `http://127.0.0.1:${(grants.address() as AddressInfo).port}`,
    } });
    try {
      const deadline = Date.now() + 30_000;
      while (!(await fetch(`http://127.0.0.1:${port}/readyz`).then(({ ok }) => ok, () => false))) {
        assert.ok(Date.now() < deadline && child.exitCode === null, "it is not ready within 30 s");
        await sleep(100);
      }
      const token = runner.keys.render([{ token: { sub: "user:tester", role: "reader", aud: ["*"] } }]);
      const state = TraderState.parse(await (await fetch(`http://127.0.0.1:${port}/v1/state`, { headers: { authorization: `Bearer ${token}` } })).json());
      assert.deepEqual([state.live, state.mode, state.liveChainId, state.account], [false, "dry-run", null, market.book.accounts.executorOwner.toLowerCase()]);
    } finally {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
      grants.close();
      etcd.close();
      await market.stop();
      rmSync(folder, { recursive: true });
    }
    assert.equal(child.exitCode, 0);
  });
});
