import assert from "node:assert/strict";
import fc from "fast-check";
import { changesBetween, readCursor, readEntries, writeCursor } from "./registry.ts";
import { aServer, anAgent } from "./testing.ts";

const fleet = fc.uniqueArray(fc.record({ name: fc.constantFrom("a", "b", "c", "d"), status: fc.constantFrom("healthy", "degraded") }), { selector: ({ name }) => name })
  .map((services) => services.map(({ name, status }) => aServer(name, { status: status as "healthy" })));

describe("the registry", () => {
  it("gains and loses exactly what the changes say", () => {
    fc.assert(fc.property(fleet, fleet, (before, after) => {
      const now = new Map(before.map((entry) => [entry.key, entry]));
      for (const change of changesBetween(before, after)) {
        if (change.after) now.set(change.after.key, change.after);
        else now.delete(change.before!.key);
      }
      assert.deepEqual([...now.values()].sort((a, b) => (a.key < b.key ? -1 : 1)), [...after].sort((a, b) => (a.key < b.key ? -1 : 1)));
      assert.deepEqual(changesBetween(after, after), []);
    }));
  });

  it("leaves out values that are no registration", () => {
    const good = anAgent("builder", 2);
    const { key, kind, ...value } = good;
    const pairs = [{ key: "/services/mcp/agents/x/agent-1", value: "{" }, { key: "/services/mcp/other", value: "{}" }, { key, value: JSON.stringify(value) }];
    assert.deepEqual(readEntries(pairs).map((entry) => entry.key), [key]);
    assert.equal(kind, "agent");
  });

  it("has cursors that come back, and refuses others", () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (revision) => assert.equal(readCursor(writeCursor(String(revision))), String(revision))));
    for (const text of ["", "abc", writeCursor("-5")]) assert.throws(() => readCursor(text), /not one of watch_changes/);
  });
});
