/** The whole way as a process on a chain with a block each second and its price mover: from environment to `./mcp demo`. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Hex } from "viem";
import { demoOn } from "../../ops/verbs/demo.ts";
import type { DemoReport } from "../../ops/demo/report.ts";
import type { Failure } from "../../ops/system/failure.ts";
import type { TokenClaims } from "../../contract/access.ts";
import { GatesAnswer, LIVE_TRADE_ASKER, TraderState } from "../../contract/trading.ts";
import { keyring } from "../../plan/secrets.ts";
import { FileBooks } from "../../services/flash-trader/testing/file-books.ts";
import { rpc, startMarket, type RunningMarket } from "../support/market.ts";
import { startEtcdStandIn, type EtcdStandIn } from "./etcd-stand-in.ts";
import { OWNER_KEY } from "./rig.ts";

const keys = keyring("root key of a test, worth nothing");
const quiet = { say: () => undefined, progress: () => undefined, warn: () => undefined, ask: async () => false };

describe("the flash trader as a process", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "trader-process-"));
  const children: ChildProcess[] = [];
  let market: RunningMarket;
  let etcd: EtcdStandIn;
  let url: string;
  let output = "";
  const token = (role: "admin" | "operator"): string => keys.render([{ token: { sub: "user:tester", role, aud: ["*"] } }]);

  before(async () => {
    [market, etcd] = await Promise.all([startMarket("--block-time", "1"), startEtcdStandIn()]);
    const marketFile = join(folder, "market.json");
    writeFileSync(marketFile, JSON.stringify(market.book));
    writeFileSync(join(folder, "key"), OWNER_KEY, { mode: 0o600 });
    const common = {
      PATH: process.env["PATH"], MCP_RPC_URL: market.url, MCP_DEVNET_CHAIN_ID: "31337", MCP_TOKEN_PUBLIC_KEY: keys.render([{ publicKey: true }]), SERVICE_HOST: "127.0.0.1",
    };
    const [moverPort, port] = [await freePort(), await freePort()];
    start("../../services/devnet-trader/main.ts", { ...common, SERVICE_NAME: "devnet-trader", SERVICE_PORT: String(moverPort), TRADER_MARKET_FILE: marketFile });
    start("trader-process.ts", {
      ...common, SERVICE_NAME: "flash-trader", SERVICE_PORT: String(port), TRADING_MARKET_FILE: marketFile, TRADING_KEY_FILE: join(folder, "key"), MCP_ETCD_URL: etcd.url,
      TRADING_LIVE_CHAIN_ID: "31337", TRADING_STOP_FILE: join(folder, "stop"), TRADER_BOOKS_FILE: join(folder, "books"),
    });
    url = `http://127.0.0.1:${port}`;
    await until(async () => (await fetch(`${url}/readyz`)).ok, 30_000);
  });
  after(async () => {
    for (const child of children) {
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    }
    etcd?.close();
    await market?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function start(file: string, env: Record<string, string | undefined>): void {
    const child = spawn(process.execPath, [join(import.meta.dirname, file)], { env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (data: Buffer) => { output += data.toString(); });
    children.push(child);
  }

  async function until(holds: () => Promise<boolean>, withinMs: number): Promise<void> {
    for (const deadline = Date.now() + withinMs; !(await holds().catch(() => false)); await sleep(50)) {
      if (Date.now() > deadline) throw new Error(`not so within ${withinMs} ms:\n${output.slice(-3_000)}`);
    }
  }

  const metric = async (line: string): Promise<number> => {
    const found = (await (await fetch(`${url}/metrics`)).text()).split("\n").find((candidate) => candidate.startsWith(line));
    return Number(found?.split(" ").at(-1));
  };
  const ask = (path: string, role: "admin" | "operator" = "admin", body?: object): Promise<Response> => fetch(`${url}/v1${path}`, {
    method: body ? "POST" : "GET", headers: { authorization: `Bearer ${token(role)}`, ...(body && { "content-type": "application/json" }) }, ...(body && { body: JSON.stringify(body) }),
  });
  const sentCount = async (): Promise<number> => Number(await rpc<Hex>(market.url, "eth_getTransactionCount", [market.book.accounts.executorOwner, "latest"]));
  async function printed(run: () => Promise<number>): Promise<{ code: number; text: string }> {
    const log = console.log;
    const lines: string[] = [];
    console.log = (line: string) => void lines.push(line);
    try {
      return { code: await run(), text: lines.join("\n") };
    } finally {
      console.log = log;
    }
  }

  it("rehearses what it finds, sends nothing, and follows every block", async () => {
    await until(async () => (await metric('flash_trader_trades_total{status="rehearsed"')) > 0, 40_000);
    assert.equal(await sentCount(), 0);
    assert.ok(await metric("flash_trader_head_lag_seconds") < 5);
    assert.equal(await metric("flash_trader_halted"), 0);
    assert.equal(await metric('flash_trader_refusals_total{gate="kill_switch_set"'), 0, "every gate shows from the beginning");
    const { limits, spent } = TraderState.parse(await (await ask("/state", "operator")).json());
    assert.deepEqual([limits.hourlyReverts, spent], [5, { gas: "0", loss: "0", reverts: 0 }]);
  });

  it("trades live when the demonstration asks, and tells what the chain and the books have", async () => {
    const before = await sentCount();
    const began = Date.now();
    const { code, text } = await printed(() => demoOn({ json: true, ui: quiet }, { url: `${url}/v1`, token: token("admin") }, market.book, 30_000));
    const report = JSON.parse(text) as DemoReport & { seconds: number };
    assert.equal(code, 0, text);
    assert.ok(Date.now() - began < 30_000);
    assert.equal(report.realised!.profit, report.plan.predictedProfit, "ahead of the price mover in its block: to the wei");
    const receipt = await rpc<{ gasUsed: Hex; effectiveGasPrice: Hex; blockNumber: Hex }>(market.url, "eth_getTransactionReceipt", [report.realised!.transaction]);
    assert.deepEqual([BigInt(receipt.gasUsed), BigInt(receipt.gasUsed) * BigInt(receipt.effectiveGasPrice), Number(receipt.blockNumber)],
      [BigInt(report.realised!.gasUsed), BigInt(report.realised!.gasCost), report.realised!.blockNumber]);
    assert.deepEqual([report.plan.legs[0]!.from, report.plan.legs.at(-1)!.to], ["WETH", "WETH"]);
    const trade = await new FileBooks(join(folder, "books")).get(report.recorded.key);
    assert.deepEqual([trade!.status, trade!.mode, trade!.outcome!.hash], ["succeeded", "live", report.realised!.transaction]);
    assert.equal(await sentCount(), before + 1, "once, and the mode is dry-run again");
    assert.ok(!output.includes(OWNER_KEY.slice(2)) && !text.includes(OWNER_KEY.slice(2)));
    assert.ok(!JSON.stringify(await (await ask("/trades")).json()).includes(trade!.signatures[0]!.raw), "signed bytes stay inside");
  });

  it("prints the same for people", async () => {
    const { code, text } = await printed(() => demoOn({ json: false, ui: quiet }, { url: `${url}/v1`, token: token("admin") }, market.book, 30_000));
    assert.equal(code, 0, text);
    for (const line of [/^found +at block \d+: WETH → .* → WETH$/m, /^lender +(aave|balancer|uniswap)-v[23] 0x/m, /^predicted /m, /^realised .* WETH/m, /^gas +\d+ units/m, /^recorded +trading\.trades in PostgreSQL under 31337:/m]) assert.match(text, line);
  });

  it("refuses a live trade of anybody but an admin, on another chain, and while the kill switch is set or cannot be asked", async () => {
    const before = await sentCount();
    const wish = { chainId: 31_337, withinMs: 1_500 };
    assert.equal((await ask("/live-trades", "operator", wish)).status, 403);
    const askers: [TokenClaims, number][] = [
      [{ sub: "server:dex-pools", role: "service", aud: ["flash-trader"] }, 403],
      [{ sub: "user:tester", role: "admin", aud: ["*"], tools: ["toolbox.*"] }, 403],
      [{ sub: LIVE_TRADE_ASKER, role: "service", aud: ["hub", "flash-trader"] }, 409],
    ];
    for (const [claims, status] of askers) {
      const authorization = `Bearer ${keys.render([{ token: claims }])}`;
      const body = JSON.stringify({ ...wish, chainId: 1 });
      assert.equal((await fetch(`${url}/v1/live-trades`, { method: "POST", headers: { authorization, "content-type": "application/json" }, body })).status, status, claims.sub);
    }
    assert.equal((await ask("/live-trades", "admin", { ...wish, chainId: 1 })).status, 409);
    assert.equal((await fetch(`${url}/v1/live-trades`, { method: "POST" })).status, 401);
    writeFileSync(join(folder, "stop"), "");
    assert.equal((await ask("/live-trades", "admin", wish)).status, 504);
    await assert.rejects(demoOn({ json: true, ui: quiet }, { url: `${url}/v1`, token: token("admin") }, market.book, 2_000), (error: Failure) => error.exitCode === 2 && /kill switch is set/.test(error.message));
    rmSync(join(folder, "stop"));
    etcd.silent = true;
    await until(async () => (await metric('flash_trader_refusals_total{gate="kill_switch_unreachable"')) > 0, 20_000);
    assert.equal((await ask("/live-trades", "admin", wish)).status, 504);
    etcd.silent = false;
    assert.equal(await sentCount(), before);
    assert.ok(await metric('flash_trader_refusals_total{gate="kill_switch_set"') > 0);
    const { gates } = GatesAnswer.parse(await (await ask("/gates", "operator")).json());
    assert.equal(gates[0]!.gate, "kill_switch_unreachable");
    assert.match(gates.find(({ gate, refusals }) => gate === "kill_switch_set" && refusals > 0)!.last!.message, /the kill switch is set/);
    await until(async () => (await fetch(`${url}/readyz`)).ok, 20_000);
  });

  it("says that it lacks the chain when that stands still", async () => {
    process.kill(market.pid, "SIGSTOP");
    try {
      await until(async () => /"chain"/.test(await (await fetch(`${url}/readyz`)).text()), 20_000);
    } finally {
      process.kill(market.pid, "SIGCONT");
    }
    await until(async () => (await fetch(`${url}/readyz`)).ok, 20_000);
  });

  it("gives its nonces back at a clean stop", async () => {
    const trader = children.at(-1)!;
    assert.equal([...etcd.keys.keys()].filter((key) => key.startsWith("/trading/nonces/31337/")).length, 1);
    trader.kill("SIGTERM");
    assert.deepEqual(await once(trader, "exit"), [0, null]);
    assert.deepEqual([...etcd.keys.keys()], []);
  });
});

async function freePort(): Promise<number> {
  for (let port = 18_700; port < 18_800; port++) {
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true)));
    if (!free) continue;
    server.close();
    await once(server, "close");
    if (!taken.has(port)) { taken.add(port); return port; }
  }
  throw new Error("none of the ports 18700 to 18799 is free");
}
const taken = new Set<number>();
