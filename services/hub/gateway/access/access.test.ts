import assert from "node:assert/strict";
import { request } from "node:http";
import { TokenClaims } from "../../../../contract/access.ts";
import { tokenChecker } from "../../../kit/tokens.ts";
import { eventually, FakeServer, GatewayRig, META, TOKEN_PUBLIC_KEY, tokenOf, toolOf } from "../testing/gateway-rig.ts";

describe("access through the gateway", () => {
  let rig: GatewayRig;
  let server: FakeServer;
  before(async () => {
    rig = await new GatewayRig().start({ callsPerMinute: 1_000 });
    server = await new FakeServer(["read_it", "write_it", toolOf("write_there", { inputSchema: { type: "object", properties: { region: { type: "string", "x-mcp-header": "Region" } } } }) as unknown as string]).listen();
    rig.register("toolbox", server.port);
    rig.register("other", server.port);
    await rig.offers(6);
  });
  after(async () => {
    await rig.stop();
    await server.stop();
  });
  beforeEach(() => {
    server.seen.length = 0;
    rig.logged.length = 0;
  });

  /** fetch sets Host itself. */
  const raw = (headers: Record<string, string>, method = "POST"): Promise<{ status: number; headers: Record<string, unknown> }> => new Promise((resolve, reject) => {
    const sent = request(rig.url, { method, headers: { "content-type": "application/json", ...headers } }, (response) => {
      response.resume();
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers }));
    });
    sent.on("error", reject);
    sent.end(method === "POST" ? JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }) : undefined);
  });
  const authorization = `Bearer ${tokenOf()}`;

  it("wants a token, and says where to read about it", async () => {
    const { status, headers } = await raw({ host: "localhost:3000" });
    assert.equal(status, 401);
    const url = /resource_metadata="([^"]+)"/.exec(String(headers["www-authenticate"]))![1]!;
    assert.equal(url, "http://localhost:3000/.well-known/oauth-protected-resource/mcp");
    const metadata = await (await fetch(new URL(new URL(url).pathname, rig.url))).json() as { resource: string };
    assert.equal(metadata.resource, rig.url);
  });

  it("refuses tokens of another stack, for another service, and expired ones", async () => {
    const statuses = await Promise.all([
      { claims: { aud: ["server:toolbox"] } }, { claims: { exp: 1 } }, { headers: { authorization: "Bearer x.y.z" } },
    ].map(async (options) => (await rig.post("tools/list", {}, options)).status));
    assert.deepEqual(statuses, [403, 401, 401]);
  });

  it("answers to its own names alone, and to pages of its own", async () => {
    assert.equal((await raw({ authorization, host: "evil.example" })).status, 403);
    assert.equal((await raw({ authorization, host: "localhost", origin: "https://evil.example" })).status, 403);
    assert.equal((await raw({ authorization, host: "localhost", origin: "http://localhost:8080" })).status, 200);
  });

  it("has no streams of sessions: GET and DELETE are not allowed, and say what is", async () => {
    for (const method of ["GET", "DELETE"]) {
      const { status, headers } = await raw({ authorization }, method);
      assert.deepEqual([status, headers["allow"]], [405, "POST"]);
    }
  });

  it("shows a backend the caller's name and role in a token for that backend alone, and never the caller's", async () => {
    const claims = { sub: "user:bob", role: "operator" as const };
    await rig.call("toolbox.read_it", {}, { claims });
    const shown = server.calls[0]!.headers.authorization!;
    assert.ok(!shown.includes(tokenOf(claims)));
    const seen = tokenChecker(TOKEN_PUBLIC_KEY, "server:toolbox")(shown);
    assert.deepEqual(seen.ok && [seen.claims.sub, seen.claims.role], ["user:bob", "operator"]);
    assert.equal((tokenChecker(TOKEN_PUBLIC_KEY, "server:other")(shown) as { status: number }).status, 403);
    assert.ok(server.seen.every(({ text, headers }) => !JSON.stringify([text, headers]).includes(tokenOf(claims))));
  });

  it("lists to a token with a list only what is on it, for this token alone to keep, and refuses the rest", async () => {
    const claims = { tools: ["toolbox.read_it", "other.*"] };
    const { body } = await rig.post("tools/list", {}, { claims });
    assert.deepEqual(body.result!["tools"].map(({ name }: { name: string }) => name), ["other.read_it", "other.write_it", "other.write_there", "toolbox.read_it"]);
    assert.equal(body.result!["cacheScope"], "private");
    assert.match(await rig.call("toolbox.write_it", {}, { claims }), /The token of user:ada is not for toolbox\.write_it; it is for toolbox\.read_it, other\.\*\./);
    assert.equal((await rig.post("tools/list")).body.result!["tools"].length, 6);
  });

  it("lets a reader see everything and call what reads", async () => {
    const reader = { claims: { role: "reader" as const } };
    assert.equal((await rig.post("tools/list", {}, reader)).body.result!["tools"].length, 6);
    assert.match(await rig.call("toolbox.write_it", {}, reader), /has the role reader and may call only tools that read/);
    assert.equal(server.calls.length, 0);
    assert.match(await rig.call("toolbox.read_it", {}, reader), /^read_it/);
  });

  it("counts calls by caller and says when the next one is free; lists are not calls", async () => {
    const claims = { sub: "user:limited", callsPerMinute: 2 };
    for (let n = 0; n < 5; n++) await rig.post("tools/list", {}, { claims });
    for (let n = 0; n < 2; n++) assert.match(await rig.call("toolbox.read_it", {}, { claims }), /^read_it/);
    const { status, headers, body } = await rig.post("tools/call", { name: "toolbox.read_it" }, { claims });
    assert.deepEqual([status, headers.get("retry-after"), body.id], [429, "30", 1]);
    assert.match(body.error!.message, /user:limited has used up its 2 calls a minute; the next one is free in 30 s/);
    assert.match(await rig.call("toolbox.read_it"), /^read_it/);
  });

  it("counts and checks the tool of the body, whatever a header says", async () => {
    const { status, body } = await rig.post("tools/call", { name: "toolbox.write_it" }, { headers: { "mcp-name": "toolbox.read_it" }, claims: { role: "reader" } });
    assert.deepEqual([status, body.error!.code], [400, -32_020]);
    // An older client has no such headers to believe.
    const legacy = await fetch(rig.url, {
      method: "POST", headers: { authorization: `Bearer ${tokenOf({ role: "reader" })}`, "content-type": "application/json", "mcp-name": "toolbox.read_it" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "toolbox.write_it" } }),
    });
    assert.match(await legacy.text(), /only tools that read/);
    assert.equal(server.calls.length, 0);
  });

  it("wants arguments that a tool repeats as headers to agree, and gives the backend those of the body", async () => {
    const call = (headers: Record<string, string>) => rig.post("tools/call", { name: "toolbox.write_there", arguments: { region: "eu" } }, { headers });
    assert.equal((await call({})).body.error!.code, -32_020);
    assert.equal((await call({ "mcp-param-region": "us" })).body.error!.code, -32_020);
    assert.equal((await call({ "mcp-param-region": "eu", "mcp-param-other": "x" })).status, 200);
    assert.equal(server.calls[0]!.headers["mcp-param-region"], "eu");
    assert.equal(server.calls[0]!.headers["mcp-param-other"], undefined);
    await rig.call("call_tool", { name: "toolbox.write_there", arguments: { region: "us" } });
    assert.equal(server.calls[1]!.headers["mcp-param-region"], "us");
  });

  it("writes down who called what, what came of it and how long it took, and never an argument or an answer", async () => {
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    await rig.call("toolbox.write_it", { privateKey: "hunter2" }, { headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` } });
    await rig.call("toolbox.write_it", { privateKey: "hunter2" }, { claims: { role: "reader" } });
    const rows = await eventually(() => rig.audit(), ({ length }) => length === 2);
    assert.deepEqual(rows.map(({ durationMs, ...row }) => (assert.equal(typeof durationMs, "number"), row)), [
      { caller: "user:ada", role: "admin", method: "tools/call", target: "toolbox.write_it", server: "toolbox", outcome: "ok", traceId: trace },
      { caller: "user:ada", role: "reader", method: "tools/call", target: "toolbox.write_it", server: "toolbox", outcome: "refused", traceId: rows[1]!["traceId"] },
    ]);
    assert.doesNotMatch(JSON.stringify(rig.logged), /hunter2/);
  });

  it("carries the trace on, from the envelope or the header, and begins one where there is none", async () => {
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    const traceparent = `00-${trace}-00f067aa0ba902b7-01`;
    await rig.call("toolbox.read_it", {}, { headers: { traceparent, tracestate: "a=1", baggage: "b=2" } });
    await rig.post("tools/call", { name: "toolbox.read_it", _meta: { traceparent } });
    await rig.call("toolbox.read_it", {}, { headers: { traceparent: "nonsense" } });
    const [byHeader, byMeta, begun] = server.calls.map(({ headers }) => headers);
    assert.deepEqual([byHeader!["traceparent"], byHeader!["tracestate"], byHeader!["baggage"], byMeta!["traceparent"]], [traceparent, "a=1", "b=2", traceparent]);
    assert.match(String(begun!["traceparent"]), /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    assert.deepEqual(server.calls[1]!.params._meta, { ...META, traceparent });
  });

  it("takes claims only as they are meant: a limit below one or a strange tool is no token", () => {
    for (const more of [{ callsPerMinute: 0 }, { callsPerMinute: 1.5 }, { tools: "toolbox.*" }]) {
      assert.ok(!TokenClaims.safeParse({ sub: "user:ada", role: "admin", aud: [], ...more }).success);
    }
  });
});
