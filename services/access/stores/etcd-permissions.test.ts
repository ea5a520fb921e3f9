import assert from "node:assert/strict";
import { describe, it } from "mocha";
import fc from "fast-check";
import { difference, permissionsOf, prefixPermission, type Permission } from "./etcd-permissions.ts";

const text = (base64: string): string => Buffer.from(base64, "base64").toString();
const prefix = fc.stringMatching(/^\/[a-z/-]{1,12}$/);
const permission = fc.tuple(fc.constantFrom("READ" as const, "READWRITE" as const), fc.constantFrom("/a/", "/b/", "/c/"))
  .map(([type, path]) => prefixPermission(type, path));
const byRange = (permissions: Permission[]): Permission[] => [...new Map(permissions.map((one) => [one.key, one])).values()];

describe("permissions in etcd", () => {
  it("reach from a prefix to the key after the last that begins with it", () => {
    const { key, rangeEnd } = prefixPermission("READ", "/services/mcp/");
    assert.deepEqual([text(key), text(rangeEnd)], ["/services/mcp/", "/services/mcp0"]);
  });

  it("keep a name apart from longer ones that begin with it", () => {
    const { key, rangeEnd } = prefixPermission("READWRITE", "/servers/tool-[0-9]");
    const holds = (candidate: string): boolean => candidate >= text(key) && candidate < text(rangeEnd);
    assert.deepEqual(["tool-1", "tool-9", "tool-10", "tool-64"].map((name) => holds(`/servers/${name}`)), [true, true, true, true]);
    assert.deepEqual(["tool-box-1", "tool-", "toolbox-1", "too-1"].map((name) => holds(`/servers/${name}`)), [false, false, false, false]);
  });

  it("hold exactly the keys with the prefix", () => {
    fc.assert(fc.property(prefix, fc.string(), fc.string(), (start, rest, other) => {
      const { key, rangeEnd } = prefixPermission("READ", start);
      const holds = (candidate: string): boolean =>
        Buffer.compare(Buffer.from(candidate), Buffer.from(key, "base64")) >= 0 && Buffer.compare(Buffer.from(candidate), Buffer.from(rangeEnd, "base64")) < 0;
      assert.equal(holds(start + rest), true);
      if (!Buffer.from(other).subarray(0, start.length).equals(Buffer.from(start))) assert.equal(holds(other), false);
    }));
  });

  it("are written once for a prefix that may be written and read", () => {
    assert.deepEqual(permissionsOf({ readwrite: ["/a/"], read: ["/a/", "/b/"] }).map(({ permType, key }) => [permType, text(key)]),
      [["READWRITE", "/a/"], ["READ", "/b/"]]);
  });

  it("become the wanted ones by their difference, and no difference remains", () => {
    fc.assert(fc.property(fc.array(permission).map(byRange), fc.array(permission).map(byRange), (found, wanted) => {
      const { revoke, grant } = difference(found, wanted);
      const after = byRange([...found.filter((one) => !revoke.includes(one)), ...grant]);
      const sorted = (permissions: Permission[]): string[] => permissions.map((one) => JSON.stringify(one)).toSorted();
      assert.deepEqual(sorted(after), sorted(wanted));
      assert.deepEqual(difference(after, wanted), { revoke: [], grant: [] });
    }));
  });
});
