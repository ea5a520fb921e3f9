import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { startAnvil, type Anvil } from "../../test/support/market.ts";
import { createLogger } from "../kit/log.ts";
import { createMetrics } from "../kit/metrics.ts";
import { createUpstreamApp } from "./app.ts";
import { connectEndpoint } from "./endpoint.ts";

const KEY = "s3cret-key";
const lines: string[] = [];

function appFor(url: string, timeoutMs = 5_000) {
  lines.length = 0;
  return createUpstreamApp({
    log: createLogger("devnet-upstream", "debug", { write: (line) => void lines.push(line) }), metrics: createMetrics("devnet-upstream"),
    checkToken: () => ({ ok: false, status: 401, detail: "no token" }), endpoint: connectEndpoint(url, timeoutMs),
  });
}
const ask = (app: ReturnType<typeof appFor>, method: string, params: unknown[] = [], id: number | string = 7) =>
  app.inject({ method: "POST", url: "/", payload: { jsonrpc: "2.0", id, method, params } });

describe("the way to a fork's origin", function () {
  this.timeout(60_000);
  let anvil: Anvil;
  let port: number;
  before(async () => { anvil = await startAnvil(["--chain-id", "77"]); port = Number(new URL(anvil.url).port); });
  after(() => anvil?.stop());

  for (const scheme of ["http", "ws"]) {
    describe(`over ${scheme}`, () => {
      const url = (): string => `${scheme}://127.0.0.1:${port}/?key=${KEY}`;

      it("answers under the id of the question, one by one and in a batch", async () => {
        const app = appFor(url());
        assert.deepEqual((await ask(app, "eth_chainId", [], "mine")).json(), { jsonrpc: "2.0", id: "mine", result: "0x4d" });
        const batch = await app.inject({ method: "POST", url: "/", payload: [5, 3].map((id) => ({ jsonrpc: "2.0", id, method: "eth_chainId" })) });
        assert.deepEqual(batch.json(), [5, 3].map((id) => ({ jsonrpc: "2.0", id, result: "0x4d" })));
      });

      it("passes on what the chain refuses, with its code", async () => {
        const { error } = (await ask(appFor(url()), "eth_getBalance", ["no address", "latest"])).json();
        assert.equal(error.code, -32_602);
        assert.ok(error.message.length > 0);
      });

      it("sends, signs and changes nothing there", async () => {
        const app = appFor(url());
        for (const method of ["eth_sendTransaction", "eth_sendRawTransaction", "eth_sign", "eth_signTransaction", "eth_submitWork", "anvil_mine", "evm_mine", "anvil_nodeInfo",
          "personal_unlockAccount", "admin_addPeer", "debug_setHead", "txpool_content", "eth_"]) {
          const { error, result } = (await ask(app, method)).json();
          assert.deepEqual([error?.code, result], [-32_601, undefined], method);
        }
        assert.equal((await ask(app, "eth_blockNumber")).json().result, "0x0");
      });

      it("says that the endpoint is away without naming it, and goes on when it is back", async () => {
        const app = appFor(url());
        assert.equal((await ask(app, "eth_chainId")).statusCode, 200);
        await anvil.stop();
        for (let times = 0; times < 3; times++) {
          const { statusCode, body } = await ask(app, "eth_chainId");
          assert.equal(statusCode, 503);
          assert.match(body, /does not answer/);
          assert.ok(!body.includes(KEY), body);
        }
        assert.deepEqual((await app.inject("/readyz")).json(), { missing: ["endpoint"] });
        anvil = await startAnvil(["--chain-id", "77"], port);
        assert.equal((await ask(app, "eth_chainId")).json().result, "0x4d");
        assert.deepEqual((await app.inject("/readyz")).json(), { missing: [] });
        assert.ok(lines.length > 0 && !lines.join("").includes(KEY), lines.join(""));
      });
    });
  }

  describe("at an endpoint that does not take its questions", () => {
    let server: Server;
    let answer: { status: number; body: string } | null;
    before(() => new Promise<void>((resolve) => {
      server = createServer((_request, response) => { if (answer) response.writeHead(answer.status).end(answer.body); }).listen(0, "127.0.0.1", resolve);
    }));
    after(() => { server.closeAllConnections(); server.close(); });
    const asked = async (given: typeof answer) => {
      answer = given;
      return ask(appFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${KEY}`, 300), "eth_chainId");
    };
    const refusal = JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: -32_000, message: `no such key: ${KEY}` } });

    for (const [what, given, status, told] of [
      ["a wrong key", { status: 401, body: refusal }, 502, /answers 401: check mcp:devnet\.forkUrl/],
      ["a wrong path", { status: 404, body: "not found" }, 502, /answers 404/],
      ["too many questions", { status: 429, body: refusal }, 429, /fewer questions/],
      ["a fault of its own", { status: 500, body: "{}" }, 503, /does not answer \(500\)/],
      ["half an answer", { status: 200, body: '{"jsonrpc":"2.0","id":1,"res' }, 503, /does not answer/],
      ["silence", null, 503, /does not answer \(timeout\)/],
    ] as const) {
      it(`tells of ${what}, and never the key`, async () => {
        const { statusCode, body } = await asked(given);
        assert.equal(statusCode, status, body);
        assert.match(body, told);
        assert.ok(!body.includes(KEY) && !lines.join("").includes(KEY));
      });
    }

    it("passes on a refusal of the question that comes with a status of its own", async () => {
      const { statusCode, body } = await asked({ status: 400, body: JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: 3, message: "execution reverted", data: "0x08c379a0" } }) });
      assert.deepEqual([statusCode, JSON.parse(body).error], [200, { code: 3, message: "execution reverted", data: "0x08c379a0" }]);
    });
  });

  it("refuses what is no question", async () => {
    const app = appFor(`http://127.0.0.1:${port}`);
    for (const payload of [{}, [], { jsonrpc: "2.0", method: "eth_chainId" }, { jsonrpc: "1.0", id: 1, method: "eth_chainId" }]) {
      assert.equal((await app.inject({ method: "POST", url: "/", payload })).statusCode, 422, JSON.stringify(payload));
    }
  });
});
