import assert from "node:assert/strict";
import fc from "fast-check";
import { STATE_LIFETIME_MS, StateSeal, type Binding } from "./state-seal.ts";

const binding: Binding = { caller: "user:ada", server: "execution", method: "tools/call", name: "execute", input: { amount: "1", to: "0x" } };

describe("a sealed request state", () => {
  let now = 0;
  const seal = new StateSeal("secret", () => now);
  const sealed = seal.seal("step 2 of 3", binding);
  beforeEach(() => { now = 0; });

  it("comes back as it was, from another hub of the stack too, in whatever order the arguments stand", () => {
    assert.equal(new StateSeal("secret", () => 0).open(sealed, { ...binding, input: { to: "0x", amount: "1" } }), "step 2 of 3");
    fc.assert(fc.property(fc.string(), (state) => assert.equal(seal.open(seal.seal(state, binding), binding), state)));
  });

  it("cannot be read, and is never twice the same", () => {
    assert.ok(!Buffer.from(sealed.slice(3), "base64url").includes("step"));
    assert.notEqual(seal.seal("step 2 of 3", binding), sealed);
  });

  it("opens for nobody else, no other call, no other input, and not with another stack's key", () => {
    for (const other of [{ caller: "user:bob" }, { server: "toolbox" }, { name: "plan" }, { method: "prompts/get" }, { input: { amount: "2", to: "0x" } }]) {
      assert.equal(seal.open(sealed, { ...binding, ...other }), null);
    }
    assert.equal(new StateSeal("another", () => 0).open(sealed, binding), null);
  });

  it("is worth nothing once altered, cut, unsealed or old", () => {
    for (let at = 3; at < sealed.length - 2; at++) {
      const altered = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
      assert.equal(seal.open(altered, binding), null);
    }
    for (const text of ["", "s1.", "step 2 of 3", sealed.slice(0, 30)]) assert.equal(seal.open(text, binding), null);
    now = STATE_LIFETIME_MS;
    assert.equal(seal.open(sealed, binding), null);
  });
});
