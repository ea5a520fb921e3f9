import assert from "node:assert/strict";
import { matchesTemplate } from "./uri-template.ts";

describe("a URI template", () => {
  const rows: [string, string, boolean][] = [
    ["test://template/{id}/data", "test://template/123/data", true],
    ["test://template/{id}/data", "test://template//data", false],
    ["test://template/{id}/data", "test://template/123", false],
    ["chain://{chain}/block/{n}", "chain://1/block/7", true],
    ["chain://{chain}/block/{n}", "chain://1/tx/7", false],
    ["chain://{chain}/block/{n}", "chain:///block/7", false],
    ["file:///{+path}", "file:///a/b/c.txt", true],
    ["price://{pair}{?at}", "price://ETH-USD", true],
    ["fixed://x", "fixed://x", true],
    ["fixed://x", "fixed://xy", false],
  ];
  for (const [template, uri, matches] of rows) it(`${template} ${matches ? "stands" : "does not stand"} for ${uri}`, () => assert.equal(matchesTemplate(template, uri), matches));

  it("takes linear time, however many variables a server writes side by side", () => {
    const started = performance.now();
    matchesTemplate(`x${"{a}".repeat(600)}y`, `x${"a".repeat(2_000)}z`);
    assert.ok(performance.now() - started < 100);
  });
});
