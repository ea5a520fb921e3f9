import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { chunk, head, RawHttp } from "../../kit/raw-http.ts";
import { eventually, FakeServer, GatewayRig, META, text, tokenOf, toolOf, type Answer } from "./testing/gateway-rig.ts";

const BODY_LIMIT = 4 * 1024 * 1024;

describe("the gateway on the wire", () => {
  let rig: GatewayRig;
  let server: FakeServer;
  const raw = new RawHttp(() => Number(new URL(rig.url).port));
  beforeEach(async () => {
    rig = await new GatewayRig().start();
    server = await new FakeServer([toolOf("read_it"), toolOf("write_it"), toolOf("read_there", { inputSchema: { type: "object", properties: { region: { type: "string", "x-mcp-header": "Region" } } } })]).listen();
    rig.register("toolbox", server.port);
    await rig.offers(3);
  });
  afterEach(async () => {
    raw.close();
    await rig.stop();
    await server.stop();
  });

  const message = (id: number | string, input: object = {}, name = "toolbox.read_it", meta: object = {}): string =>
    JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: input, _meta: { ...META, ...meta } } });
  const post = (...headers: string[]): string => head(
    "POST /mcp", `Authorization: Bearer ${tokenOf()}`, "Content-Type: application/json",
    "MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/call", "Mcp-Name: toolbox.read_it", ...headers,
  );
  const request = (body: string, ...headers: string[]): string => `${post(`Content-Length: ${Buffer.byteLength(body)}`, ...headers)}${body}`;
  const bodyOf = (answer: Buffer): Buffer => answer.subarray(answer.indexOf("\r\n\r\n") + 4);
  const bytes = (payload: string | Buffer): Answer => (_seen, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(payload);
    return null;
  };

  for (const [what, filler] of [["small", "€ä😀"], ["large", "€ä😀".repeat(5_000)]] as const) {
    it(`passes a ${what} answer on byte for byte, what is no UTF-8 too, with its length in bytes`, async () => {
      const payload = Buffer.concat([Buffer.from(`{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"${filler}`), Buffer.from([0xff, 0x80]), Buffer.from('"}]}}')]);
      server.answer = bytes(payload);
      const answer = await raw.talk(request(message(1), "Connection: close"));
      assert.match(answer.toString("latin1"), new RegExp(`content-length: ${payload.length}\r\n`));
      assert.ok(bodyOf(answer).equals(payload));
    });
  }

  it("says in bytes how long its own answers are", async () => {
    const answer = await raw.talk(request(message("ä😀", {}, "toolbox.näh"), "Connection: close").replace("Mcp-Name: toolbox.read_it", `Mcp-Name: =?base64?${Buffer.from("toolbox.näh").toString("base64")}?=`));
    const body = bodyOf(answer);
    assert.match(answer.toString("latin1"), new RegExp(`content-length: ${body.length}\r\n`));
    assert.deepEqual([JSON.parse(body.toString()).id, /Unknown tool toolbox\.näh/.test(body.toString())], ["ä😀", true]);
  });

  it("takes a call in chunks, cut in the middle of a character", async () => {
    const body = Buffer.from(message(1, { text: "täst" }));
    const at = body.indexOf("ä") + 1;
    await raw.talk(post("Transfer-Encoding: chunked", "Connection: close"), chunk(body.subarray(0, at)), chunk(body.subarray(at)), "0\r\n\r\n");
    assert.deepEqual(server.calls.map(({ params }) => params.arguments), [{ text: "täst" }]);
  });

  for (const how of ["announced", "in chunks"] as const) {
    it(`refuses a request over its limit, ${how}, and no server sees it`, async () => {
      const big = message(1, { text: "x".repeat(BODY_LIMIT) });
      const answer = await raw.first(how === "announced" ? request(big) : `${post("Transfer-Encoding: chunked")}${chunk(big)}0\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 413 /);
      assert.equal(server.calls.length, 0);
    });
  }

  it("answers calls that come at once on one connection in their order, each with its own", async () => {
    server.answer = async ({ params }) => {
      await sleep(params.arguments.ms);
      return text(`after ${params.arguments.ms}`);
    };
    const answer = (await raw.talk([60, 0, 20].map((ms, n) => request(message(n, { ms }), ...(n === 2 ? ["Connection: close"] : []))).join(""))).toString("latin1");
    assert.deepEqual([...answer.matchAll(/"id":(\d)[^]*?after (\d+)/g)].map(([, id, ms]) => [id, ms]), [["0", "60"], ["1", "0"], ["2", "20"]]);
  });

  it("cancels all that a client has sent at once when it goes", async () => {
    let closed = 0;
    server.answer = (_seen, response) => { response.once("close", () => closed++); return new Promise(() => undefined); };
    const socket = await raw.open();
    socket.write([0, 1, 2].map((id) => request(message(id))).join(""));
    await eventually(() => server.calls.length, (calls) => calls === 3);
    socket.resetAndDestroy();
    await eventually(() => closed, (calls) => calls === 3, 2_000);
    await eventually(() => rig.audit().map(({ outcome }) => outcome), (outcomes) => outcomes.join() === "cancelled,cancelled,cancelled", 2_000);
  });

  it("asks no server for a client that goes in the middle of its request, and keeps nothing of it", async () => {
    const socket = await raw.open();
    socket.write(request(message(1)).slice(0, -10));
    await sleep(30);
    socket.resetAndDestroy();
    assert.match(await rig.call("toolbox.write_it"), /^write_it/);
    assert.deepEqual([server.calls.length, rig.gateway.fleet.inFlight("toolbox"), rig.logged.filter(({ level }) => level === "error").length], [1, 0, 0]);
  });

  it("gives a server no header that a client has written into a name, an argument or a trace", async () => {
    const evil = "toolbox.read_it\r\nX-Evil: 1";
    assert.match(await rig.call(evil, {}, { headers: { "mcp-name": `=?base64?${Buffer.from(evil).toString("base64")}?=` } }), /Unknown tool/);
    const traceparent = `00-${"4".repeat(32)}-${"5".repeat(16)}-01\r\nX-Evil: 1`;
    for (const meta of [{ traceparent }, { tracestate: "a=1\r\nX-Evil: 1" }, { traceparent: `${"x".repeat(100)}` }]) await rig.post("tools/call", { name: "toolbox.read_it", _meta: meta });
    const region = "eu\r\nX-Evil: 1";
    const encoded = `=?base64?${Buffer.from(region).toString("base64")}?=`;
    await rig.call("toolbox.read_there", { region }, { headers: { "mcp-param-region": encoded } });
    assert.deepEqual(server.calls.map(({ headers }) => headers["x-evil"]), [undefined, undefined, undefined, undefined]);
    for (const { headers } of server.calls) assert.match(String(headers["traceparent"]), /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    assert.equal(server.calls.at(-1)!.headers["mcp-param-region"], encoded);
  });

  it("gives each call without a trace one of its own, beyond what is made in advance", async () => {
    for (let n = 0; n < 300; n++) await rig.call("toolbox.read_it");
    const traces = server.calls.map(({ headers }) => String(headers["traceparent"]));
    assert.equal(new Set(traces.map((traceparent) => traceparent.slice(3, 35))).size, 300);
    assert.deepEqual(rig.audit().map(({ traceId }) => traceId), traces.map((traceparent) => traceparent.slice(3, 35)));
  });

  // A request that is good at first sight is not classified: whatever comes behind must be the same for both.
  const ways: [string, object][] = [["at first sight", {}], ["by the classifier", { "io.modelcontextprotocol/clientCapabilities": { sampling: {} } }]];
  for (const [how, _meta] of ways) {
    it(`writes down, limits and refuses a call that was found good ${how}`, async () => {
      const call = async (name: string, claims: object, headers = {}): Promise<number> => (await rig.post("tools/call", { name, _meta }, { claims, headers })).status;
      const claims = { sub: "user:limited", role: "reader" as const, callsPerMinute: 2, tools: ["toolbox.*"] };
      const statuses = [
        await call("toolbox.write_it", claims), await call("toolbox.read_it", claims), await call("toolbox.read_it", claims, { "mcp-name": "toolbox.write_it" }),
        await call("toolbox.read_it", claims), await call("toolbox.read_it", claims),
      ];
      assert.deepEqual(statuses, [200, 200, 400, 200, 429]);
      assert.deepEqual(rig.audit().map(({ target, outcome }) => `${target} ${outcome}`), ["toolbox.write_it refused", "toolbox.read_it ok", "toolbox.read_it ok", "toolbox.read_it rate_limited"]);
      assert.equal(server.calls.length, 2);
      await server.stop();
      for (let n = 0; n < 5; n++) await call("toolbox.read_it", {});
      assert.equal(rig.gateway.fleet.of("toolbox")[0]!.breaker.closed, false);
      assert.equal(rig.audit().filter(({ outcome }) => outcome === "unreachable").length, 5);
    });
  }
});
