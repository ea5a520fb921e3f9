import assert from "node:assert/strict";
import type { InjectOptions } from "fastify";
import { z } from "zod";
import { publicKey, signingKey, signJwt } from "../../contract/derive.ts";
import { Unavailable, UserFault } from "./errors.ts";
import { createHttpApp, type HttpApp } from "./http.ts";
import { createLogger } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { HttpProblem } from "./problem.ts";
import { tokenChecker } from "./tokens.ts";

const key = signingKey("root of a test");
const authorization = `Bearer ${signJwt({ sub: "user:ada", role: "reader", aud: ["hub"] }, key)}`;

describe("http", () => {
  let app: HttpApp;
  let missing: string[];
  let logged: string[];
  beforeEach(() => {
    missing = [];
    logged = [];
    app = createHttpApp({
      log: createLogger("test", "info", { write: (line) => void logged.push(line) }),
      metrics: createMetrics("test"),
      checkToken: tokenChecker(publicKey(key), "hub"),
      missing: () => missing,
      bodyLimit: 1_000,
    });
    app.post("/echo", (request) => ({ body: request.body, caller: request.caller?.sub }));
    app.get("/fault", () => { throw new UserFault("Name a pool; list_pools has them."); });
    app.get("/away", () => { throw new Unavailable("postgres is away"); });
    app.get("/bug", () => { throw new Error("secret detail"); });
    app.get("/conflict", () => { throw new HttpProblem(409, "Already done."); });
    app.get("/schema", () => z.object({ a: z.object({ "b/c": z.number() }) }).parse({ a: { "b/c": "x" } }));
  });
  afterEach(() => app.close());
  const get = (url: string, headers: Record<string, string> = { authorization }) => app.inject({ url, headers });

  it("answers probes and metrics without a token", async () => {
    assert.deepEqual((await get("/healthz", {})).json(), { status: "ok" });
    assert.equal((await get("/readyz", {})).statusCode, 200);
    const metrics = await get("/metrics", {});
    assert.match(metrics.body, /process_resident_memory_bytes\{service="test"\} \d+/);
    assert.match(String(metrics.headers["content-type"]), /^text\/plain/);
  });

  it("is not ready while something is missing, and names it; alive all the same", async () => {
    missing = ["postgres", "rabbitmq queue tasks.builder"];
    const answer = await get("/readyz", {});
    assert.equal(answer.statusCode, 503);
    assert.deepEqual(answer.json(), { missing });
    assert.equal((await get("/healthz", {})).statusCode, 200);
  });

  it("wants a token for every other route, also for those that do not exist", async () => {
    for (const url of ["/fault", "/nothing"]) {
      const answer = await get(url, {});
      assert.equal(answer.statusCode, 401);
      assert.equal(answer.headers["www-authenticate"], 'Bearer realm="mcp"');
      assert.equal(answer.json().title, "Unauthorized");
    }
    const stranger = `Bearer ${signJwt({ sub: "user:bob", role: "reader", aud: ["access"] }, key)}`;
    assert.equal((await get("/fault", { authorization: stranger })).statusCode, 403);
  });

  it("tells a route who calls", async () => {
    const answer = await app.inject({ method: "POST", url: "/echo", headers: { authorization }, payload: { a: 1 } });
    assert.deepEqual(answer.json(), { body: { a: 1 }, caller: "user:ada" });
  });

  const problems: [string, () => InjectOptions, number, RegExp][] = [
    ["an unknown route", () => ({ url: "/nothing?x=1" }), 404, /There is no GET \/nothing here/],
    ["malformed JSON", () => ({ method: "POST", url: "/echo", payload: "{", headers: { "content-type": "application/json" } }), 400, /JSON/],
    ["a body too large", () => ({ method: "POST", url: "/echo", payload: { a: "x".repeat(2_000) } }), 413, /too large/],
    ["an unknown media type", () => ({ method: "POST", url: "/echo", payload: "x", headers: { "content-type": "text/x" } }), 415, /Media Type/],
    ["a caller's fault", () => ({ url: "/fault" }), 422, /list_pools/],
    ["a conflict", () => ({ url: "/conflict" }), 409, /Already done/],
    ["a dependency that is away", () => ({ url: "/away" }), 503, /postgres is away/],
    ["a malformed path", () => ({ url: "/%E0%A4%A" }), 400, /is not a valid url component/],
  ];
  for (const [what, request, status, detail] of problems) {
    it(`answers ${what} with a problem document of status ${status}`, async () => {
      const options = request();
      const answer = await app.inject({ ...options, headers: { ...options.headers, authorization } });
      assert.equal(answer.statusCode, status);
      assert.match(String(answer.headers["content-type"]), /^application\/problem\+json/);
      assert.equal(answer.json().status, status);
      assert.match(answer.json().detail, detail);
    });
  }

  it("points at each field that does not fit a schema", async () => {
    const { errors } = (await get("/schema")).json();
    assert.deepEqual(errors, [{ path: "/a/b~1c", message: "Invalid input: expected number, received string" }]);
  });

  it("keeps the text of a surprise for the log, under the id that the caller is given", async () => {
    const answer = await get("/bug");
    assert.equal(answer.statusCode, 500);
    assert.doesNotMatch(answer.body, /secret detail/);
    const id = /id ([0-9a-f-]{36})/.exec(answer.json().detail)![1]!;
    assert.equal(logged.length, 1);
    assert.match(logged[0]!, new RegExp(`${id}[\\s\\S]*secret detail|secret detail[\\s\\S]*${id}`));
  });

  it("measures requests by route, not by path, and leaves probes out", async () => {
    await get("/nothing/a");
    await get("/fault");
    const { body } = await get("/metrics");
    assert.match(body, /http_request_duration_seconds_count\{service="test",method="GET",route="\/fault",status="422"\} 1/);
    assert.match(body, /route="none",status="404"/);
    assert.doesNotMatch(body, /route="\/metrics"|nothing/);
  });
});
