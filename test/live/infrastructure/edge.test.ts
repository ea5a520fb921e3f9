/** The edge on the engine, in front of a hub that tells what arrives at it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { ServiceSpec } from "../../../plan/service-spec.ts";
import { newRunner, specs } from "./rig.ts";

const SCRIPT = readFileSync(join(import.meta.dirname, "fake-hub.mjs"), "utf8");
const GOOD = { authorization: "Bearer good" };

function fake(name: string, host: string, port: number): ServiceSpec {
  return {
    name, kind: "coordination", host, container: host, image: { reference: "debian:trixie-slim" },
    command: ["/node", "/etc/mcp/fake-hub.mjs", String(port), name],
    env: {}, secrets: [], files: [{ path: "/etc/mcp/fake-hub.mjs", content: SCRIPT }], ports: [], volumes: [],
    binds: [{ hostPath: process.execPath, path: "/node", readOnly: true }], dependsOn: [],
    health: {
      test: ["bash", "-c", `exec 3<>/dev/tcp/127.0.0.1/${port}`], intervalSeconds: 15, timeoutSeconds: 5, retries: 3, startPeriodSeconds: 10,
    },
    user: "10010:0", addCapabilities: [], resources: { memoryMiB: 128, cpus: 1 }, stopGraceSeconds: 5, labels: {},
  };
}

interface Answer { status: number; type: string; headers: Headers; body: string }
interface Echo { name: string; method: string; url: string; headers: Record<string, string>; bytes: number }

describe("the edge", function () {
  this.timeout(60_000);
  const runner = newRunner();
  const spec = specs();

  before(async () => {
    await runner.setUp();
    await runner.start(spec("nginx"));
    await runner.start(fake("hub", "mcp-coordinator", 3000));
    await runner.start(fake("toolbox", "toolbox", 8080));
    await runner.ready("toolbox", 20_000);
    await runner.ready("nginx", 20_000);
  });
  after(() => runner.tearDown());

  const get = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(`http://${runner.address("nginx")}${path}`, { redirect: "manual", ...init });
    return { status: response.status, type: response.headers.get("content-type") ?? "", headers: response.headers, body: await response.text() };
  };
  const isProblem = ({ status, type, body }: Answer, expected: number, detail: RegExp): void => {
    assert.equal(status, expected, body);
    assert.match(type, /^application\/problem\+json/);
    const problem = JSON.parse(body) as { status: number; detail: string };
    assert.equal(problem.status, expected);
    assert.match(problem.detail, detail);
  };

  it("answers /healthz itself, and /readyz by asking the hub, without a token", async () => {
    assert.deepEqual([(await get("/healthz")).status, (await get("/readyz")).status], [200, 200]);
  });

  it("refuses a missing and a wrong token with a problem document that says what to send", async () => {
    for (const path of ["/mcp", "/api/v1/tasks", "/servers/utils/toolbox/mcp", "/rabbitmq/api/overview"]) {
      const answer = await get(path);
      isProblem(answer, 401, /Authorization: Bearer <token>/);
      assert.match(answer.headers.get("www-authenticate") ?? "", /^Bearer/);
      isProblem(await get(path, { headers: { authorization: "Bearer wrong" } }), 401, /apiToken/);
    }
    isProblem(await get("/api/v1/tasks", { headers: { authorization: "Bearer weak" } }), 403, /role/);
  });

  it("takes the API and the aggregated endpoint to the hub, as they came", async () => {
    const api = JSON.parse((await get("/api/v1/tasks?state=dead&cursor=a%2Fb", { headers: { ...GOOD, traceparent: "00-1-2-01" } })).body) as Echo;
    assert.deepEqual([api.name, api.url], ["hub", "/api/v1/tasks?state=dead&cursor=a%2Fb"]);
    assert.equal(api.headers.authorization, "Bearer good");
    assert.equal(api.headers.traceparent, "00-1-2-01");
    const mcp = JSON.parse((await get("/mcp", { method: "POST", body: "{}", headers: { ...GOOD, "mcp-method": "tools/list" } })).body) as Echo;
    assert.deepEqual([mcp.name, mcp.method, mcp.url, mcp.bytes, mcp.headers["mcp-method"]], ["hub", "POST", "/mcp", 2, "tools/list"]);
  });

  it("takes a server's endpoint where the hub says, with the token that the hub gives", async () => {
    const echo = JSON.parse((await get("/servers/utils/toolbox/mcp", { method: "POST", body: "{}", headers: GOOD })).body) as Echo;
    assert.deepEqual([echo.name, echo.url, echo.bytes], ["toolbox", "/mcp", 2]);
    assert.equal(echo.headers.authorization, "Bearer for-the-toolbox");
    assert.equal(echo.headers.host, "toolbox:8080");
  });

  it("leaves a server that does not exist to the hub, with the whole path", async () => {
    const echo = JSON.parse((await get("/servers/utils/nothing/mcp", { headers: GOOD })).body) as Echo;
    assert.deepEqual([echo.name, echo.url], ["hub", "/servers/utils/nothing/mcp"]);
  });

  it("does not let a client choose the upstream", async () => {
    const echo = JSON.parse((await get("/api/v1/x", { headers: { ...GOOD, "x-upstream": "toolbox:8080", "x-backend-authorization": "Bearer mine" } })).body) as Echo;
    assert.equal(echo.name, "hub");
    assert.equal(echo.headers.authorization, "Bearer good");
    isProblem(await get("/internal/authorize", { headers: GOOD }), 404, /answers at/);
  });

  it("passes problem documents of the hub on as they are", async () => {
    const { status, body } = await get("/api/v1/refused", { headers: GOOD });
    assert.deepEqual([status, body], [404, '{"from":"hub"}']);
  });

  it("passes events on when they are sent, not when they end", async () => {
    const started = performance.now();
    const response = await fetch(`http://${runner.address("nginx")}/api/v1/events`, { headers: GOOD });
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    assert.match(Buffer.from(value!).toString(), /first/);
    assert.ok(performance.now() - started < 1_000);
    while (!(await reader.read()).done);
  });

  it("refuses a body above the limit, whether announced or not", async () => {
    const body = Buffer.alloc(10_000_000, "a");
    const status = await new Promise<number>((resolve, reject) => {
      const outgoing = request({ host: runner.address("nginx"), path: "/api/v1/tasks", method: "POST", headers: { ...GOOD, "content-length": body.length } }, (answer) => {
        assert.match(answer.headers["content-type"] ?? "", /problem\+json/);
        answer.resume();
        resolve(answer.statusCode!);
      });
      outgoing.on("error", reject);
      outgoing.flushHeaders();
    });
    assert.equal(status, 413);
    const chunked = await new Promise<number>((resolve, reject) => {
      const outgoing = request({ host: runner.address("nginx"), path: "/api/v1/tasks", method: "POST", headers: GOOD }, (answer) => {
        answer.resume();
        resolve(answer.statusCode!);
      });
      outgoing.on("error", reject);
      outgoing.write(body);
      outgoing.end();
    });
    assert.equal(chunked, 413);
  });

  it("answers a path that is none of its own with what it has", async () => {
    isProblem(await get("/"), 404, /No dashboard is deployed/);
    isProblem(await get("/servers/utils/toolbox/metrics", { headers: GOOD }), 404, /answers at/);
  });

  it("answers malformed HTTP with a problem document", async () => {
    isProblem(await get("/mcp", { headers: { ...GOOD, "x-long": "a".repeat(40_000) } }), 400, /headers are too large/);
  });

  it("says within the connect timeout that a server has vanished", async () => {
    const started = performance.now();
    isProblem(await get("/servers/utils/vanished/mcp", { headers: GOOD }), 502, /does not answer/);
    assert.ok(performance.now() - started < 5_000);
    await runner.exec("nginx", "true");
  });

  it("says that the hub is away, is unhealthy meanwhile, and finds it again at another address", async () => {
    await runner.stop("hub");
    const started = performance.now();
    isProblem(await get("/api/v1/tasks", { headers: GOOD }), 503, /hub.*does not answer/);
    assert.ok(performance.now() - started < 8_000);
    assert.equal(await runner.healthy("nginx"), false);
    assert.equal((await get("/healthz")).status, 200);
    await runner.remove("hub");
    await runner.start({ ...fake("hub-elsewhere", "mcp-coordinator", 3000) });
    await runner.ready("nginx", 20_000);
    assert.equal((JSON.parse((await get("/api/v1/x", { headers: GOOD })).body) as Echo).name, "hub-elsewhere");
  });

  it("goes to the other hub where one does not answer, and sends no POST twice", async () => {
    await runner.start({ ...fake("hub-2", "mcp-coordinator-2", 3000), aliases: ["mcp-coordinator"] });
    await runner.ready("hub-2", 20_000);
    const hubs = ["hub-elsewhere", "hub-2"];
    const answering = async (method: string): Promise<string> => (JSON.parse((await get("/api/v1/x", { method, headers: GOOD, ...(method === "POST" && { body: "{}" }) })).body) as Echo).name;
    const seen = new Set<string>();
    for (let tries = 0; seen.size < 2 && tries < 40; tries++) {
      seen.add(await answering("GET"));
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    assert.deepEqual([...seen].toSorted(), hubs.toSorted(), "both have their turns");
    for (let tries = 0; tries < 4; tries++) assert.equal((await get("/api/v1/vanish", { method: "POST", body: "{}", headers: GOOD })).status, 502);
    const counts = await Promise.all(hubs.map(async (name) => Number(await (await fetch(`http://${runner.address(name)}:3000/vanished`)).text())));
    assert.equal(counts[0]! + counts[1]!, 4, `each arrived once: ${counts}`);
    await runner.kill("hub-2");
    for (let tries = 0; tries < 6; tries++) for (const method of ["GET", "POST"]) assert.equal(await answering(method), "hub-elsewhere");
  });

  it("shows the broker's management as the operator, with the name of the virtual host intact", async () => {
    await runner.start(fake("rabbitmq", "rabbitmq", 15672));
    await runner.ready("rabbitmq", 10_000);
    const echo = JSON.parse((await get("/rabbitmq/api/queues/%2F?page=1", { headers: { ...GOOD, cookie: "session=1" } })).body) as Echo;
    assert.equal(echo.url, "/api/queues/%2F?page=1");
    const password = runner.keys.render([{ password: { store: "rabbitmq", identity: "operator" } }]);
    assert.equal(echo.headers.authorization, `Basic ${Buffer.from(`operator:${password}`).toString("base64")}`);
    assert.equal(echo.headers.cookie, undefined);
    const redirect = await get("/rabbitmq");
    assert.deepEqual([redirect.status, redirect.headers.get("location")], [308, "/rabbitmq/"]);
  });

  it("logs each request as one JSON object, and no token and no query", async () => {
    await get("/api/v1/tasks?key=hidden-in-query", { headers: { ...GOOD, traceparent: "00-abc" } });
    const lines = (await runner.logs("nginx")).split("\n").filter((line) => line.startsWith("{"));
    const last = JSON.parse(lines.at(-1)!) as Record<string, unknown>;
    assert.deepEqual([last.service, last.level, last.path, last.status, last.traceparent], ["nginx", "info", "/api/v1/tasks", 200, "00-abc"]);
    const log = await runner.logs("nginx");
    assert.doesNotMatch(log, /hidden-in-query|Bearer/);
  });

  it("finishes and leaves when it is stopped", async () => {
    const { ms, exitCode } = await runner.stop("nginx");
    assert.equal(exitCode, 0);
    assert.ok(ms < 10_000, `${ms} ms`);
  });
});
