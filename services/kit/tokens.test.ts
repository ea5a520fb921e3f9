import assert from "node:assert/strict";
import { publicKey, signingKey, signJwt } from "../../contract/derive.ts";
import { tokenChecker } from "./tokens.ts";

const key = signingKey("root of a test");
const check = tokenChecker(publicKey(key), "server:toolbox");
const bearer = (claims: object, signer = key): string => `Bearer ${signJwt(claims, signer)}`;
const claims = (aud: string[]) => ({ sub: "user:ada", role: "reader", aud });

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
});
