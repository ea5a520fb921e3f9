import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as tcp } from "node:net";
import type { AddressInfo } from "node:net";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { Registry } from "prom-client";
import { z } from "zod";
import { publicKey, signingKey, signJwt } from "../../../contract/derive.ts";
import { sleep } from "../backoff.ts";
import { UserFault } from "../errors.ts";
import { createHttpApp, type HttpApp } from "../http.ts";
import { createLogger } from "../log.ts";
import { createMetrics } from "../metrics.ts";
import { tokenChecker } from "../tokens.ts";
import { defineTool } from "../tool.ts";
import { mountMcp } from "./endpoint.ts";

interface Deps { rates: Map<string, number>; aborted: string[] }

const quote = defineTool<Deps>()({
  name: "quote_rate",
  title: "Quote a rate",
  description: "Gives the rate of an asset, from the table that the test filled.",
  input: z.strictObject({ asset: z.string().describe("Symbol."), venue: z.string().optional().describe("Repeated as a header.").meta({ "x-mcp-header": "Venue" }) }),
  output: z.object({ rate: z.number(), caller: z.string() }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ asset }, { deps, caller, log, signal }) {
    if (asset === "SLOW") {
      signal.addEventListener("abort", () => void deps.aborted.push(asset));
      await sleep(5_000, signal);
    }
    if (asset === "BUG") throw new Error("secret detail");
    const rate = deps.rates.get(asset);
    if (rate === undefined) throw new UserFault(`No rate for ${asset}. Ask for ETH.`);
    log.info("quoted");
    return { rate, caller: caller?.sub ?? "nobody" };
  },
});
const survey = defineTool<Deps>()({
  ...quote,
  name: "survey_rates",
  task: "optional",
  input: z.strictObject({ ms: z.number().describe("How long it takes.") }),
  async handler({ ms }, { deps, signal, caller }) {
    signal.addEventListener("abort", () => void deps.aborted.push("SURVEY"));
    await sleep(ms, signal);
    return { rate: 1, caller: caller?.sub ?? "nobody" };
  },
});
const audit = defineTool<Deps>()({ ...survey, name: "audit_rates", task: "required" });
const broken = defineTool<Deps>()({
  ...quote,
  name: "break_promise",
  handler: async () => ({ rate: "high", caller: "x" }) as never,
});

const key = signingKey("root of a test");
const token = signJwt({ sub: "user:ada", role: "operator", aud: ["server:rates"] }, key);
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

describe("/mcp", () => {
  let app: HttpApp;
  let url: URL;
  let metrics: Registry;
  let logged: Record<string, unknown>[];
  const deps: Deps = { rates: new Map([["ETH", 1800]]), aborted: [] };

  before(async () => {
    logged = [];
    const log = createLogger("rates", "info", { write: (line) => void logged.push(JSON.parse(line)) });
    metrics = createMetrics("rates");
    app = createHttpApp({ log, metrics, checkToken: tokenChecker(publicKey(key), "server:rates"), missing: () => [] });
    mountMcp(app, { name: "rates", version: "1.2.3", instructions: "Ask for ETH.", tools: [quote, broken, survey, audit], deps: () => deps, log, metrics, allowedHosts: ["rates"] });
    await app.listen({ host: "127.0.0.1", port: 0 });
    url = new URL(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/mcp`);
  });
  after(() => app.close());
  beforeEach(() => { logged.length = 0; });

  async function client(mode: "modern" | "legacy"): Promise<Client> {
    const made = new Client({ name: "test", version: "1" }, mode === "modern" ? { versionNegotiation: { mode: "auto" } } : {});
    await made.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers: { authorization: `Bearer ${token}` } } }));
    return made;
  }
  const post = (body: string | object, headers: Record<string, string> = {}) => fetch(url, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
  });
  const callMessage = (asset: string, meta: object = {}) => ({
    jsonrpc: "2.0", id: 1, method: "tools/call",
    params: { name: "quote_rate", arguments: { asset }, _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}, ...meta } },
  });
  const modern = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "quote_rate" };

  for (const era of ["modern", "legacy"] as const) {
    describe(`for a ${era} client`, () => {
      let mcp: Client;
      before(async () => { mcp = await client(era); });
      after(() => mcp.close());

      it("lists its tools by name, with schemas and annotations", async () => {
        const { tools } = await mcp.listTools();
        assert.deepEqual(tools.map((tool) => tool.name), ["audit_rates", "break_promise", "quote_rate", "survey_rates"]);
        const listed = tools[2]!;
        assert.deepEqual(listed.annotations, { title: "Quote a rate", ...quote.annotations });
        assert.deepEqual(listed.inputSchema.required, ["asset"]);
        assert.equal(listed.inputSchema["additionalProperties"], false);
        assert.deepEqual(Object.keys(listed.outputSchema!.properties ?? {}), ["rate", "caller"]);
      });

      it("answers a call, and knows whose it is", async () => {
        const result = await mcp.callTool({ name: "quote_rate", arguments: { asset: "ETH" } });
        assert.deepEqual(result.structuredContent, { rate: 1800, caller: "user:ada" });
        assert.deepEqual(result.content, [{ type: "text", text: '{"rate":1800,"caller":"user:ada"}' }]);
      });

      it("tells the caller's faults, and surprises only by an id", async () => {
        const text = async (args: object) => ((await mcp.callTool({ name: "quote_rate", arguments: { ...args } })).content[0] as { text: string }).text;
        assert.equal(await text({ asset: "DOGE" }), "No rate for DOGE. Ask for ETH.");
        assert.match(await text({ asset: 7 }), /asset: Invalid input: expected string/);
        assert.match(await text({ asset: "ETH", amount: 1 }), /amount/);
        const internal = await text({ asset: "BUG" });
        assert.match(internal, /^internal error, id /);
        const id = internal.split("id ")[1];
        assert.equal(logged.filter((line) => line["errorId"] === id && JSON.stringify(line).includes("secret detail")).length, 1);
      });

      it("never passes on an answer that breaks the tool's own schema", async () => {
        const result = await mcp.callTool({ name: "break_promise", arguments: { asset: "ETH" } }).catch((error: Error) => error);
        assert.doesNotMatch(JSON.stringify(result), /high/);
      });

      it("answers an unknown tool with a protocol error", async () => {
        await assert.rejects(mcp.callTool({ name: "quote_nothing", arguments: {} }), /Unknown tool quote_nothing/);
      });
    });
  }

  it("tells modern clients how long a list may be kept", async () => {
    const body = { jsonrpc: "2.0", id: 1, method: "tools/list", params: { _meta: callMessage("").params._meta } };
    const answer = await (await post(body, { ...modern, "mcp-method": "tools/list", "mcp-name": "" })).json() as { result: Record<string, unknown> };
    assert.deepEqual([answer.result["ttlMs"], answer.result["cacheScope"]], [60_000, "public"]);
  });

  it("writes the trace id of the call into its log lines, from _meta or from the header", async () => {
    await post(callMessage("ETH", { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` }), modern);
    await post(callMessage("ETH"), { ...modern, traceparent: `00-${TRACE}-00f067aa0ba902b7-01` });
    assert.deepEqual(logged.map((line) => [line["message"], line["traceId"], line["tool"]]), [["quoted", TRACE, "quote_rate"], ["quoted", TRACE, "quote_rate"]]);
  });

  it("wants an argument that is repeated as a header to be the same in both, and asks older clients for none", async () => {
    const body = { ...callMessage("ETH"), params: { ...callMessage("ETH").params, arguments: { asset: "ETH", venue: "a" } } };
    for (const [headers, status] of [[{ "mcp-param-venue": "a" }, 200], [{ "mcp-param-venue": "b" }, 400], [{}, 400]] as const) {
      const answer = await post(body, { ...modern, ...headers });
      assert.equal(answer.status, status);
      if (status === 400) assert.equal((await answer.json() as { error: { code: number } }).error.code, -32_020);
    }
    const strange = await post({ ...body, params: { ...body.params, name: { toString: 1 } } }, { ...modern, "mcp-name": "x" });
    assert.ok(strange.status < 500, `answered ${strange.status}`);
    const { _meta, ...params } = body.params;
    assert.equal((await post({ ...body, params }, { "mcp-protocol-version": "2025-11-25" })).status, 200);
  });

  describe("with tools whose calls may become tasks", () => {
    const ADA = token;
    const EVE = signJwt({ sub: "user:eve", role: "operator", aud: ["server:rates"] }, key);
    const TASKS = { extensions: { "io.modelcontextprotocol/tasks": {} } };
    async function rpc(method: string, params: Record<string, unknown>, { capabilities = TASKS, who = ADA }: { capabilities?: object; who?: string } = {}) {
      const answer = await post(
        { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: { ...callMessage("").params._meta, "io.modelcontextprotocol/clientCapabilities": capabilities } } },
        { ...modern, "mcp-method": method, "mcp-name": String(params["name"] ?? params["taskId"] ?? ""), authorization: `Bearer ${who}` },
      );
      return { status: answer.status, ...(await answer.json() as { result?: Record<string, any>; error?: { code: number; data?: unknown } }) };
    }
    const survey = (ms: number, options: object = {}) => rpc("tools/call", { name: "survey_rates", arguments: { ms } }, options);
    const status = async (taskId: string): Promise<string> => (await rpc("tasks/get", { taskId })).result!["status"];
    async function ended(taskId: string): Promise<Record<string, any>> {
      for (let tries = 0; await status(taskId) === "working" && tries < 200; tries++) await sleep(10);
      return (await rpc("tasks/get", { taskId })).result!;
    }

    it("says so, and gives a client that knows tasks one for a long call, with the result in it once there is one", async () => {
      assert.deepEqual((await rpc("server/discover", {})).result!["capabilities"].extensions, TASKS.extensions);
      assert.equal((await survey(0)).result!["structuredContent"].rate, 1, "a short call is answered at once");
      const { taskId, resultType, status } = (await survey(300)).result!;
      assert.deepEqual([resultType, status], ["task", "working"]);
      const { status: end, result } = await ended(taskId);
      assert.deepEqual([end, result.structuredContent], ["completed", { rate: 1, caller: "user:ada" }]);
    });

    it("keeps a client waiting that knows none, and refuses it where the tool wants a task", async () => {
      assert.equal((await survey(300, { capabilities: {} })).result!["structuredContent"].rate, 1);
      const refused = await rpc("tools/call", { name: "audit_rates", arguments: { ms: 0 } }, { capabilities: {} });
      assert.deepEqual([refused.status, refused.error!.code, refused.error!.data], [400, -32_021, { requiredCapabilities: TASKS }]);
      assert.equal((await rpc("tasks/get", { taskId: "x" }, { capabilities: {} })).error!.code, -32_021);
    });

    it("shows a task to its caller alone", async () => {
      const { taskId } = (await survey(300)).result!;
      for (const method of ["tasks/get", "tasks/cancel", "tasks/update"]) {
        assert.equal((await rpc(method, { taskId, inputResponses: {} }, { who: EVE })).error!.code, -32_602);
        assert.equal((await rpc(method, { taskId: "nothing", inputResponses: {} })).error!.code, -32_602);
      }
      assert.equal((await ended(taskId))["status"], "completed");
    });

    it("stops the handler of a task that is cancelled, and not that of one whose client went away", async () => {
      deps.aborted.length = 0;
      const { taskId } = (await survey(5_000)).result!;
      assert.deepEqual(deps.aborted, []);
      assert.equal((await rpc("tasks/cancel", { taskId })).result!["resultType"], "complete");
      assert.equal((await ended(taskId))["status"], "cancelled");
      assert.deepEqual(deps.aborted, ["SURVEY"]);
      deps.aborted.length = 0;
    });
  });

  it("refuses calls without a token, and from foreign hosts and origins", async () => {
    assert.equal((await post(callMessage("ETH"), { ...modern, authorization: "" })).status, 401);
    assert.equal((await post(callMessage("ETH"), { ...modern, origin: "https://evil.example" })).status, 403);
    const socket = tcp(Number(url.port), "127.0.0.1");
    socket.end(`POST /mcp HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`);
    const [chunk] = (await once(socket, "data")) as [Buffer];
    assert.match(chunk.toString(), /^HTTP\/1\.1 403 /);
  });

  it("takes no token whose limits it could not keep", async () => {
    for (const limits of [{ tools: ["rates.quote_rate"] }, { callsPerMinute: 5 }]) {
      const limited = signJwt({ sub: "user:ada", role: "admin", aud: ["*"], ...limits }, key);
      const answer = await post(callMessage("ETH"), { ...modern, authorization: `Bearer ${limited}` });
      assert.deepEqual([answer.status, /only the gateway keeps/.test(await answer.text())], [403, true]);
    }
  });

  it("answers malformed JSON with the protocol's parse error, other methods with 405, other media with 415", async () => {
    const malformed = await post("{", modern);
    assert.equal(malformed.status, 400);
    assert.equal((await malformed.json() as { error: { code: number } }).error.code, -32700);
    for (const method of ["GET", "DELETE"]) {
      assert.equal((await fetch(url, { method, headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" } })).status, 405);
    }
    assert.equal((await post("x", { "content-type": "text/plain" })).status, 415);
  });

  it("cancels the handler when the client goes away", async () => {
    const leaving = new AbortController();
    const call = fetch(url, { method: "POST", signal: leaving.signal, body: JSON.stringify(callMessage("SLOW")), headers: { authorization: `Bearer ${token}`, "content-type": "application/json", accept: "application/json, text/event-stream", ...modern } });
    setTimeout(() => leaving.abort(), 100);
    await assert.rejects(call, /abort/);
    for (let tries = 0; deps.aborted.length === 0 && tries < 100; tries++) await sleep(10);
    assert.deepEqual(deps.aborted, ["SLOW"]);
  });

  // In a group of its own, because mocha runs groups after single tests.
  describe("after all these calls", () => {
    it("counts calls by tool and outcome", async () => {
      const { values } = await metrics.getSingleMetric("mcp_tool_call_duration_seconds")!.get();
      const outcomes = values.filter(({ labels }) => labels["tool"] === "quote_rate").map(({ labels }) => labels["outcome"]);
      assert.deepEqual([...new Set(outcomes)].sort(), ["cancelled", "internal", "ok", "user_fault"]);
    });
  });
});
