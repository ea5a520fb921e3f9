import assert from "node:assert/strict";
import { signDelegated } from "../../contract/delegation.ts";
import { publicKey, signingKey, signJwt } from "../../contract/derive.ts";
import { tokenChecker } from "./tokens.ts";

const key = signingKey("root of a test");
const check = tokenChecker(publicKey(key), "server:toolbox");
const bearer = (claims: object, signer = key): string => `Bearer ${signJwt(claims, signer)}`;
const claims = (aud: string[]) => ({ sub: "user:ada", role: "reader" as const, aud });

describe("tokens", () => {
  it("accepts a token for us, and one for all", () => {
    for (const aud of [["server:toolbox"], ["*"], ["hub", "server:toolbox"]]) {
      assert.deepEqual(check(bearer(claims(aud))), { ok: true, claims: claims(aud) });
    }
  });

  it("answers 403 to a token that is meant for others, and says whose it is", () => {
    const answer = check(bearer(claims(["hub", "server:tool"])));
    assert.deepEqual(answer, { ok: false, status: 403, detail: "The token of user:ada is not meant for server:toolbox." });
  });

  it("answers 401 to a token signed by another key, altered, without claims, or of another scheme", () => {
    const good = bearer(claims(["*"]));
    const [header, , signature] = good.split(".");
    const altered = `${header}.${Buffer.from(JSON.stringify({ ...claims(["*"]), role: "admin" })).toString("base64url")}.${signature}`;
    const unsigned = `Bearer ${Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url")}.${good.split(".")[1]}.`;
    const wrong = [undefined, "", "Bearer", "Basic YTpi", bearer(claims(["*"]), signingKey("another root")), altered, unsigned, bearer({ sub: "user:ada", aud: "*" })];
    for (const header of wrong) assert.equal((check(header) as { status: number }).status, 401, String(header));
  });

  it("gives the same answer the second time, from its memory", () => {
    const header = bearer(claims(["*"]));
    assert.equal(check(header), check(header));
  });

  it("keeps its memory bounded", () => {
    const header = bearer(claims(["*"]));
    const first = check(header);
    for (let i = 0; i < 1_000; i++) check(bearer({ sub: `user:${i}`, role: "reader", aud: ["*"] }));
    assert.notEqual(check(header), first);
    assert.deepEqual(check(header), first);
  });

  it("refuses a token from the second on in which it expires, however often it was accepted before", () => {
    let now = 0;
    const timed = tokenChecker(publicKey(key), "server:toolbox", () => now);
    const header = bearer({ ...claims(["*"]), exp: 60 });
    for (const [ms, ok] of [[0, true], [59_999, true], [60_000, false], [60_001, false]] as const) {
      now = ms;
      assert.equal(timed(header).ok, ok, String(ms));
    }
  });

  describe("made by the hub for a caller", () => {
    const hub = signingKey("the hub's own");
    const certificate = signJwt({ certifies: "hub", key: publicKey(hub) }, key);
    const spoken = { ...claims(["server:toolbox"]), via: "hub", exp: 2 ** 40 };
    const delegated = (more: object = {}, signer = hub, by = certificate): string => `Bearer ${signDelegated({ ...spoken, ...more }, signer, by)}`;

    it("carries the caller's name and role, to the one server it is for", () => {
      assert.deepEqual(check(delegated()), { ok: true, claims: { ...claims(["server:toolbox"]), exp: spoken.exp } });
      assert.equal((check(delegated({ aud: ["server:execution"] })) as { status: number }).status, 403);
    });

    it("is worth nothing without the deployment's certificate, under another's name, altered, or expired", () => {
      const stranger = signingKey("a stranger");
      const own = signJwt({ certifies: "hub", key: publicKey(stranger) }, stranger);
      for (const header of [delegated({}, stranger), delegated({}, stranger, own), delegated({ via: "server:toolbox" }), delegated({ exp: 1 }),
        delegated({}, hub, signJwt({ sub: "hub", role: "service", aud: ["*"] }, key)), `${delegated()}~${certificate}`]) {
        assert.equal((check(header) as { status: number }).status, 401);
      }
    });

    it("cannot be had by showing the certificate as a token", () => {
      assert.equal((check(`Bearer ${certificate}`) as { status: number }).status, 401);
    });
  });
});
