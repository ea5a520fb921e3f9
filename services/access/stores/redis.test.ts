import assert from "node:assert/strict";
import { describe, it } from "mocha";
import fc from "fast-check";
import { aclRules } from "./redis.ts";

const HASH = "ab".repeat(32);

describe("ACL rules of a grant", () => {
  it("forget what was, then say what is", () => {
    assert.deepEqual(aclRules({ keys: ["~mcp:a:*", "%R~mcp:b"], commands: ["+@read", "-@dangerous", "+client|setname"] }, HASH),
      ["reset", "on", `#${HASH}`, "resetchannels", "~mcp:a:*", "%R~mcp:b", "-@all", "+@read", "-@dangerous", "+client|setname"]);
  });

  it("take no rule that would widen them past keys and commands", () => {
    for (const rule of ["allkeys", "~", "&*", "nopass", ">secret", "on", "allchannels", "~a b", "(+@all ~*)", "#00"]) {
      assert.throws(() => aclRules({ keys: [rule], commands: [] }, HASH), /is not a key pattern/, rule);
    }
    for (const rule of ["allcommands", "~*", "nopass", ">secret", "reset", "+", "+@all nopass", "(+@all)", "+acl|"]) {
      assert.throws(() => aclRules({ keys: [], commands: [rule] }, HASH), /is not a command rule/, rule);
    }
  });

  it("hold one word a rule, whatever a grant says", () => {
    fc.assert(fc.property(fc.array(fc.string()), fc.array(fc.string()), (keys, commands) => {
      try {
        for (const rule of aclRules({ keys, commands }, HASH)) assert.match(rule, /^\S+$/);
      } catch (error) {
        assert.equal((error as Error).name, "UserFault");
      }
    }));
  });
});
