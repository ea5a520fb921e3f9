import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, it } from "mocha";
import type { Grant } from "../../contract/access.ts";
import { publicKey, parsePublicKey, signingKey, signJwt } from "../../contract/derive.ts";
import { Unavailable, UserFault } from "../kit/errors.ts";
import { Grants, readGrant, type GrantTarget } from "./grants.ts";

const signing = signingKey("root");
const key = parsePublicKey(publicKey(signing));
const read = (claims: object, by = signing): Grant => readGrant(signJwt(claims, by), key);

describe("reading a grant", () => {
  it("gives what the deployment signed", () => {
    const grant = { identity: "agent:builder", etcd: { readwrite: ["/a/"], read: [] } };
    assert.deepEqual(read(grant), grant);
  });

  it("refuses another deployment's signature, and one that was cut out of another token", () => {
    const grant = { identity: "agent:builder" };
    assert.throws(() => read(grant, signingKey("another")), { status: 403 });
    const [head, , signature] = signJwt(grant, signing).split(".");
    const widened = Buffer.from(JSON.stringify({ ...grant, redis: { keys: ["~*"], commands: ["+@all"] } })).toString("base64url");
    assert.throws(() => readGrant(`${head}.${widened}.${signature}`, key), { status: 403 });
  });

  it("does not take a bearer token for a grant", () => {
    assert.throws(() => read({ sub: "user:admin", role: "admin", aud: ["*"] }), { status: 422 });
  });

  it("refuses the names that belong to the deployment, in the spelling of any store", () => {
    for (const identity of ["access", "operator", "root", "access-admin", "access:admin", "default", "health", "guest", "postgres"]) {
      assert.throws(() => read({ identity }), { status: 422 }, identity);
    }
    for (const identity of ["", "agent:", "agent:a b", "agent:a/../b", "Agent:x", 'agent:"', "agent:a:b"]) {
      assert.throws(() => read({ identity }), { status: 422 }, identity);
    }
  });
});

describe("applying a grant", () => {
  const target = (name: GrantTarget["name"], apply: GrantTarget["apply"] = async () => undefined): GrantTarget => ({ name, apply });

  it("says what was applied", async () => {
    const { ms, ...rest } = await new Grants([target("redis"), target("etcd")]).apply({ identity: "hub" });
    assert.deepEqual(rest, { identity: "hub", applied: ["redis", "etcd"] });
    assert.ok(ms >= 0);
  });

  it("works on all stores at once", async () => {
    const started = performance.now();
    await new Grants((["redis", "etcd", "postgres", "rabbitmq"] as const).map((name) => target(name, () => sleep(50)))).apply({ identity: "hub" });
    assert.ok(performance.now() - started < 150);
  });

  it("applies the grants of one identity one after the other, and those of two at once", async () => {
    let running = 0;
    let most = 0;
    const grants = new Grants([target("redis", async () => {
      most = Math.max(most, ++running);
      await sleep(10);
      running--;
    })]);
    await Promise.all([grants.apply({ identity: "agent:a" }), grants.apply({ identity: "agent:a" }), grants.apply({ identity: "agent:a" })]);
    assert.equal(most, 1);
    await Promise.all([grants.apply({ identity: "agent:a" }), grants.apply({ identity: "agent:b" })]);
    assert.equal(most, 2);
  });

  it("names the store that is away and those that are done, and asks to send it again", async () => {
    const grants = new Grants([target("redis", () => Promise.reject(new Unavailable("is not ready"))), target("etcd")]);
    await assert.rejects(grants.apply({ identity: "hub" }), {
      status: 503, message: "Grant of hub: redis: is not ready (applied: etcd). Send it again.",
    });
  });

  it("tells a grant that cannot be applied from a store that is away", async () => {
    const grants = new Grants([target("redis", () => Promise.reject(new UserFault('redis.keys: "x" is not a key pattern')))]);
    await assert.rejects(grants.apply({ identity: "hub" }), {
      status: 422, message: 'Grant of hub: redis: redis.keys: "x" is not a key pattern (nothing is applied). Correct the grant.',
    });
  });

  it("takes the next grant of an identity after one has failed", async () => {
    let fails = true;
    const grants = new Grants([target("redis", async () => {
      if (fails) throw new Unavailable("is not ready");
    })]);
    await assert.rejects(grants.apply({ identity: "hub" }));
    fails = false;
    assert.deepEqual((await grants.apply({ identity: "hub" })).applied, ["redis"]);
  });
});
