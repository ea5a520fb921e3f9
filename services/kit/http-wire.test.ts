import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { publicKey, signingKey, signJwt } from "../../contract/derive.ts";
import { createHttpApp, type HttpApp } from "./http.ts";
import { createLogger } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { chunk, head, RawHttp } from "./raw-http.ts";
import { tokenChecker } from "./tokens.ts";

const key = signingKey("root of a test");
const AUTHORIZATION = `Authorization: Bearer ${signJwt({ sub: "user:ada", role: "reader", aud: ["hub"] }, key)}`;
const LIMIT = 1_000;

describe("http on the wire", () => {
  let app: HttpApp;
  let logged: string[];
  let bodies: unknown[];
  const raw = new RawHttp(() => (app.server.address() as AddressInfo).port);
  beforeEach(async () => {
    [logged, bodies] = [[], []];
    const checkToken = tokenChecker(publicKey(key), "hub");
    app = createHttpApp({
      log: createLogger("test", "info", { write: (line) => void logged.push(line) }),
      metrics: createMetrics("test"),
      checkToken: (authorization) => {
        if (authorization === "Bearer fault") throw new Error("secret detail");
        return checkToken(authorization);
      },
      missing: () => [],
      bodyLimit: LIMIT,
    });
    app.post("/echo", (request) => {
      bodies.push(request.body);
      return { body: request.body };
    });
    app.get("/challenged", { config: { challenge: () => { throw new Error("secret detail"); } } }, () => "seen");
    app.get("/private", () => "seen");
    await app.listen({ host: "127.0.0.1", port: 0 });
  });
  afterEach(async () => {
    raw.close();
    await app.close();
  });

  const text = async (...pieces: (string | Buffer)[]): Promise<string> => (await raw.talk(...pieces)).toString("latin1");
  const post = (...headers: string[]): string => head("POST /echo", AUTHORIZATION, "Content-Type: application/json", ...headers);
  const statuses = (answer: string): string[] => [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status!);

  it("answers when the check of a token fails instead of saying no, and keeps the reason to the log", async () => {
    const answer = await text(head("GET /nothing", "Authorization: Bearer fault", "Connection: close"));
    assert.deepEqual(statuses(answer), ["500"]);
    assert.doesNotMatch(answer, /secret detail/);
    assert.match(logged.join(), /secret detail/);
  });

  it("answers when a route's challenge cannot be made", async () => {
    assert.deepEqual(statuses(await text(head("GET /challenged", "Connection: close"))), ["500"]);
  });

  it("lets nothing through behind a refusal: the route is not run, and the next request is judged by itself", async () => {
    const body = '{"a":1}';
    const answer = await text(
      `${head("POST /echo", "Content-Type: application/json", `Content-Length: ${body.length}`)}${body}`,
      `${post(`Content-Length: ${body.length}`, "Connection: close")}${body}`,
    );
    assert.deepEqual(statuses(answer), ["401", "200"]);
    assert.deepEqual(bodies, [{ a: 1 }]);
  });

  it("answers requests that come at once in their order", async () => {
    const one = (n: number, last = ""): string => { const body = JSON.stringify({ n }); return `${post(`Content-Length: ${body.length}`, ...(last ? [last] : []))}${body}`; };
    const answer = await text(`${one(1)}${head("GET /nothing", AUTHORIZATION)}${one(2)}${one(3, "Connection: close")}`);
    assert.deepEqual(statuses(answer), ["200", "404", "200", "200"]);
    assert.deepEqual([...answer.matchAll(/"n":(\d)/g)].map(([, n]) => n), ["1", "2", "3"]);
  });

  it("takes a body in chunks, cut anywhere", async () => {
    const request = Buffer.concat([Buffer.from(post("Transfer-Encoding: chunked", "Connection: close")), chunk('{"a":"t'), chunk("äst"), chunk('"}'), Buffer.from("0\r\n\r\n")]);
    const inUmlaut = request.indexOf("ä") + 1;
    const answer = await text(request.subarray(0, 20), request.subarray(20, inUmlaut), request.subarray(inUmlaut));
    assert.deepEqual([statuses(answer), bodies], [["200"], [{ a: "täst" }]]);
  });

  const tooLarge: [string, () => string][] = [
    ["announced", () => `${post(`Content-Length: ${LIMIT + 1}`)}${"x".repeat(LIMIT + 1)}`],
    ["in chunks", () => `${post("Transfer-Encoding: chunked")}${chunk("x".repeat(LIMIT))}${chunk("x")}0\r\n\r\n`],
  ];
  for (const [how, request] of tooLarge) {
    it(`refuses a body over the limit, ${how}, before a route sees it`, async () => {
      const answer = await raw.first(request());
      assert.deepEqual([statuses(answer), bodies], [["413"], []]);
      assert.match(answer, /application\/problem\+json/);
    });
  }

  it("answers HEAD without a body, and not without a token where GET wants one", async () => {
    const open = await text(head("HEAD /healthz", "Connection: close"));
    assert.match(open, /^HTTP\/1\.1 200 OK\r\n[\s\S]*content-length: 15\r\n[\s\S]*\r\n\r\n$/i);
    const closed = await text(head("HEAD /private", "Connection: close"));
    assert.match(closed, /^HTTP\/1\.1 401 [\s\S]*\r\n\r\n$/);
  });

  it("forgets a client that goes in the middle of its body", async () => {
    const socket = await raw.open();
    socket.write(`${post("Content-Length: 500")}{"a":`);
    await sleep(30);
    socket.resetAndDestroy();
    assert.deepEqual(statuses(await text(head("GET /nothing", AUTHORIZATION, "Connection: close"))), ["404"]);
    assert.deepEqual([bodies, logged.filter((line) => line.includes('"level":"error"'))], [[], []]);
    assert.equal(await new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count))), 0);
  });
});
