import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { publicKey, signingKey, signJwt } from "../../contract/derive.ts";
import { createLogger } from "../kit/log.ts";
import { createMetrics } from "../kit/metrics.ts";
import { createAccessApp, type AccessTarget } from "./app.ts";

const signing = signingKey("root");
const lines: string[] = [];
function app(store: Partial<AccessTarget> = {}) {
  lines.length = 0;
  const redis: AccessTarget = { name: "redis", ready: true, check: async () => [], apply: async () => undefined, ...store };
  return createAccessApp({
    log: createLogger("access", "info", { write: (line) => void lines.push(line) }),
    metrics: createMetrics("access"), publicKey: publicKey(signing), stores: [redis],
  });
}

describe("POST /v1/grants", () => {
  const grant = signJwt({ identity: "agent:builder" }, signing);

  it("applies a signed grant, which is credential enough", async () => {
    const answer = await app().inject({ method: "POST", url: "/v1/grants", payload: { grant } });
    assert.equal(answer.statusCode, 200);
    assert.deepEqual(answer.json().applied, ["redis"]);
  });

  it("refuses everything else with a problem document", async () => {
    for (const [payload, status] of [[{}, 422], [{ grant: "a.b.c" }, 403], [{ grant, more: 1 }, 422], [{ grant: `${grant.slice(0, -4)}AAAA` }, 403]] as const) {
      const answer = await app().inject({ method: "POST", url: "/v1/grants", payload });
      assert.equal(answer.statusCode, status, JSON.stringify(payload));
      assert.match(String(answer.headers["content-type"]), /^application\/problem\+json/);
    }
  });

  it("does not log the grant", async () => {
    await app().inject({ method: "POST", url: "/v1/grants", payload: { grant } });
    assert.match(lines.join(""), /grant applied/);
    assert.ok(!lines.join("").includes(grant.slice(0, 30)));
  });

  it("counts what it did", async () => {
    const service = app();
    await service.inject({ method: "POST", url: "/v1/grants", payload: { grant } });
    await service.inject({ method: "POST", url: "/v1/grants", payload: {} });
    const { body } = await service.inject("/metrics");
    assert.match(body, /access_grants_total\{outcome="applied",service="access"\} 1/);
    assert.match(body, /access_grants_total\{outcome="refused",service="access"\} 1/);
    assert.match(body, /access_store_ready\{store="redis",service="access"\} 1/);
  });
});

describe("GET /readyz", () => {
  it("says what is missing", async () => {
    const answer = await app({ check: async () => ["redis: user operator"] }).inject("/readyz");
    assert.deepEqual([answer.statusCode, answer.json()], [503, { missing: ["redis: user operator"] }]);
    assert.equal((await app().inject("/readyz")).statusCode, 200);
  });
});
