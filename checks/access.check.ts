import assert from "node:assert/strict";
import { containersOf, inspect } from "./support/engine.ts";
import { baseUrl, edge, http } from "./support/reach.ts";
import { stack } from "./support/stack.ts";
import { etcd, postgres, redis } from "./support/stores.ts";

const tampered = () => {
  const token = stack().apiToken;
  return token.slice(0, -4) + (token.endsWith("AAAA") ? "BBBB" : "AAAA");
};

describe("access", function () {
  this.timeout(20_000);

  const guarded = ["/api/v1/tasks", "/api/v1/services", "/mcp", "/rabbitmq/", ...stack().servers.slice(0, 1).map((s) => `/servers/${s.category}/${s.server}/mcp`)];
  for (const path of guarded) {
    it(`the edge refuses ${path} without a token and with a wrong one`, async () => {
      for (const token of [null, "nonsense", tampered()]) {
        const answer = await http(`${edge()}${path}`, { token });
        assert.equal(answer.status, 401, `${path} with ${token ? "a wrong token" : "no token"}`);
        assert.match(answer.headers.get("content-type") ?? "", /problem\+json/);
      }
    });
  }

  for (const service of [...stack().servers, ...stack().agents]) {
    it(`${service.container} itself refuses a wrong token`, async () => {
      const path = "server" in service ? "/mcp" : "/actions";
      const base = await baseUrl(service);
      for (const token of [null, tampered()]) {
        const answer = await http(`${base}${path}`, { token, method: "server" in service ? "POST" : "GET", ...("server" in service ? { json: {} } : {}) });
        assert.equal(answer.status, 401, `${path} with ${token ? "a wrong token" : "no token"}`);
      }
    });
  }

  it("malformed and oversized bodies are refused with problem documents", async () => {
    const token = stack().apiToken;
    const malformed = await http(`${edge()}/api/v1/tasks`, { token, body: "{", method: "POST", headers: { "content-type": "application/json" } });
    assert.equal(malformed.status, 400);
    assert.match(malformed.headers.get("content-type") ?? "", /problem\+json/);
    const large = await http(`${edge()}/api/v1/tasks`, { token, body: "x".repeat(10_000_000), method: "POST", headers: { "content-type": "application/json" } });
    assert.equal(large.status, 413);
    assert.match(large.headers.get("content-type") ?? "", /problem\+json/);
  });

  it("the operator may read every store and write none", async () => {
    const client = await (await postgres()).connect();
    try {
      await client.query("select 1 from fabric.tasks limit 1");
      await client.query("begin read write");
      await assert.rejects(client.query("delete from fabric.tasks where false"), /permission denied/);
      await client.query("rollback");
    } finally {
      client.release();
    }
    const cache = await redis();
    await cache.get("mcp:tasks:pending:none");
    await assert.rejects(cache.set("mcp:checks:must-not-exist", "1"), /NOPERM/);
    const registry = await etcd();
    await registry.getAll().prefix("/services/mcp/").keys();
    await assert.rejects(async () => registry.put("/services/mcp/checks").value("1"), /permission denied/i);
  });

  it("no secret stands in any container's environment or labels", async () => {
    const secrets = [stack().apiToken, ...Object.values(stack().credentials).map((c) => c.password)];
    for (const name of await containersOf(stack().stack)) {
      const { Config } = await inspect(name);
      const visible = [...Config.Env, ...Object.entries(Config.Labels).map(([k, v]) => `${k}=${v}`)];
      for (const line of visible) {
        const [key = "", ...rest] = line.split("=");
        const value = rest.join("=");
        assert.ok(!secrets.some((s) => value.includes(s)), `${name}: ${key} holds a secret`);
        // A token, a password in a URL, or a value under a name that promises one.
        assert.doesNotMatch(value, /eyJ[\w-]+\.[\w-]+\.[\w-]+|:\/\/[^/\s:@]+:[^/\s@]+@/, `${name}: ${key} holds a credential`);
        if (/(PASSWORD|TOKEN|SECRET|GRANT)$/.test(key)) assert.equal(value, "", `${name}: ${key} must be given as ${key}_FILE`);
      }
    }
  });
});
