/** The chain's own start script as a fork of a second anvil, both as processes. */
import assert from "node:assert/strict";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ANVIL_PACKAGE, rpc, startMarket, type RunningMarket } from "../../test/support/market.ts";
import type { HttpApp } from "../kit/http.ts";
import { createMetrics } from "../kit/metrics.ts";
import { silentLog } from "../kit/testing.ts";
import { createUpstreamApp } from "./app.ts";
import { connectEndpoint } from "./endpoint.ts";

const KEY = "s3cret-key";
const CHAIN_ID = 4_242;
const NOBODY = "0x00000000000000000000000000000000c0ffee02";
const GET_RESERVES = "0x0902f1ac";
const images = join(import.meta.dirname, "../../images/infrastructure/devnet");

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until<T>(found: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + 30_000; ;) {
    try {
      return await found();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

describe("a chain that is a fork of another", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "fork-"));
  const data = join(folder, "data");
  let origin: RunningMarket;
  let upstream: HttpApp;
  let fork: ChildProcess | undefined;
  let printed = "";
  let url: string;
  let pair: string;
  let forkBlock: number;

  /** The script as it lies in the image, with folders and port of this test. */
  async function start(): Promise<void> {
    fork = spawn("bash", [join(folder, "start.sh")], { env: { PATH: `${join(dirname(createRequire(import.meta.url).resolve(`${ANVIL_PACKAGE}/package.json`)), "bin")}:${process.env.PATH}`, HOME: data } });
    for (const stream of [fork.stdout!, fork.stderr!]) stream.setEncoding("utf8").on("data", (text: string) => { printed += text; });
  }
  const stop = (): Promise<void> => new Promise((resolve) => {
    if (fork === undefined || fork.exitCode !== null) return resolve();
    fork.once("exit", () => resolve());
    fork.kill();
  });
  const reserves = (at: string, block: string): Promise<string> => rpc<string>(at, "eth_call", [{ to: pair, data: GET_RESERVES }, block]);

  before(async () => {
    mkdirSync(data);
    const [port, upstreamPort] = [await freePort(), await freePort()];
    url = `http://127.0.0.1:${port}`;
    origin = await startMarket();
    pair = origin.book.uniswapV2[0]!.pools[0]!.address;
    forkBlock = Number(await rpc<string>(origin.url, "eth_blockNumber"));
    await rpc(origin.url, "anvil_mine", ["0x3"]);
    writeFileSync(join(folder, "devnet.conf"), [
      `DEVNET_CHAIN_ID=${CHAIN_ID}`, `DEVNET_FORK_URL=http://127.0.0.1:${upstreamPort}`, `DEVNET_FORK_BLOCK=${forkBlock}`,
      "DEVNET_ACCOUNTS=10", "DEVNET_BLOCK_SECONDS=0", "DEVNET_KEPT_BLOCKS=256", "DEVNET_DUMP_SECONDS=1", "",
    ].join("\n"));
    writeFileSync(join(folder, "start.sh"), readFileSync(join(images, "start.sh"), "utf8")
      .replaceAll("/data", data).replaceAll("/etc/mcp", folder).replace("--host 0.0.0.0 --port 8545", `--host 127.0.0.1 --port ${port}`));
    // First the chain, which waits for the way to its origin.
    await start();
    await new Promise((resolve) => setTimeout(resolve, 500));
    upstream = createUpstreamApp({
      log: silentLog, metrics: createMetrics("devnet-upstream"), checkToken: () => ({ ok: false, status: 401, detail: "no token" }),
      endpoint: connectEndpoint(`${origin.url}/?key=${KEY}`),
    });
    await upstream.listen({ host: "127.0.0.1", port: upstreamPort });
    await until(() => rpc(url, "eth_chainId"));
  });
  after(async () => {
    await stop();
    await upstream?.close();
    await origin?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("begins at the block that was asked for, with what is there, under a chain id of its own", async () => {
    assert.equal(Number(await rpc(url, "eth_chainId")), CHAIN_ID);
    assert.equal(Number(await rpc(url, "eth_blockNumber")), forkBlock);
    const there = await reserves(origin.url, `0x${forkBlock.toString(16)}`);
    assert.ok(BigInt(there.slice(0, 66)) > 0n);
    assert.equal(await reserves(url, "latest"), there);
  });

  it("keeps to itself what happens on it", async () => {
    const before = await rpc(origin.url, "eth_blockNumber");
    const [from] = await rpc<string[]>(url, "eth_accounts");
    const sent = await rpc<string>(url, "eth_sendTransaction", [{ from, to: NOBODY, value: "0x5" }]);
    await until(async () => assert.ok(await rpc(url, "eth_getTransactionReceipt", [sent]), `${sent} is not mined`));
    assert.equal(await rpc(url, "eth_getBalance", [NOBODY, "latest"]), "0x5");
    assert.deepEqual([await rpc(origin.url, "eth_getBalance", [NOBODY, "latest"]), await rpc(origin.url, "eth_blockNumber")], ["0x0", before]);
  });

  it("shows the endpoint neither to who asks it, nor among the processes, nor in what it prints", async () => {
    const shown = [JSON.stringify(await rpc(url, "anvil_nodeInfo")), execFileSync("ps", ["-o", "args=", "-p", String(fork!.pid)], { encoding: "utf8" })];
    for (const text of shown) {
      assert.match(text, /http:\/\/127\.0\.0\.1:\d+/, "the way to it");
      assert.ok(!text.includes(KEY) && !text.includes(new URL(origin.url).host), text);
    }
    assert.ok(!printed.includes(KEY), printed);
  });

  it("begins at its block again after each start, and leaves no dump and no request for a new chain", async () => {
    writeFileSync(join(data, "reset"), "");
    await stop();
    await start();
    await until(() => rpc(url, "eth_chainId"));
    assert.equal(await rpc(url, "eth_getBalance", [NOBODY, "latest"]), "0x0");
    assert.equal(Number(await rpc(url, "eth_blockNumber")), forkBlock);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.deepEqual(readdirSync(data).filter((name) => /state|market|reset/.test(name)), []);
    assert.ok(!existsSync(join(data, ".foundry/cache")), "nothing is kept of the origin");
  });
});
