import assert from "node:assert/strict";
import { publicKey, signingKey, signJwt } from "../../../../contract/derive.ts";
import { tokenChecker } from "../../../kit/tokens.ts";
import { delegatedCredentials } from "./delegation.ts";

describe("what a backend sees of a caller", () => {
  const deployment = signingKey("root of a test");
  const own = signingKey("the hub's");
  let now = 0;
  const credentials = delegatedCredentials(own, signJwt({ certifies: "hub", key: publicKey(own) }, deployment), () => now);
  const toolbox = tokenChecker(publicKey(deployment), "server:toolbox", () => now);
  const ada = { sub: "user:ada", role: "reader" } as const;

  it("is its name and role, and opens no other server", () => {
    const header = credentials(ada, "toolbox");
    const seen = toolbox(header);
    assert.deepEqual(seen.ok && [seen.claims.sub, seen.claims.role], ["user:ada", "reader"]);
    assert.equal((tokenChecker(publicKey(deployment), "server:execution", () => now)(header) as { status: number }).status, 403);
    assert.equal((tokenChecker(publicKey(deployment), "hub", () => now)(header) as { status: number }).status, 403);
  });

  it("is signed anew long before it expires, and is refused afterwards", () => {
    const first = credentials(ada, "toolbox");
    now += 100_000;
    assert.equal(credentials(ada, "toolbox"), first);
    now += 60_000;
    const second = credentials(ada, "toolbox");
    assert.notEqual(second, first);
    now += 150_000;
    assert.deepEqual([toolbox(first).ok, toolbox(second).ok], [false, true]);
  });

  it("differs by role, so that a name with two tokens does not borrow the stronger one", () => {
    assert.notEqual(credentials(ada, "toolbox"), credentials({ ...ada, role: "admin" }, "toolbox"));
  });
});
