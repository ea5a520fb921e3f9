import assert from "node:assert/strict";
import { closing, crashed, merged } from "./summary.ts";

const run = (passed: number, failed: number, pending: number, trouble: string[] = []) => ({ passed, failed, pending, durationMs: 61_000, trouble });

describe("summary of a test run", () => {
  it("ends with one line over all parts", () => {
    assert.equal(closing(merged([run(3, 0, 0), run(2, 0, 0)])).at(-1), "5 passed, 0 failed");
  });

  it("counts a pending test as failed, and names it", () => {
    const lines = closing(merged([run(3, 1, 1, ["broker loses nothing", "later (pending)"])]));
    assert.equal(lines.at(-1), "3 passed, 2 failed");
    assert.ok(lines.includes("  2) later (pending)"));
  });

  it("counts a part that crashed as failed", () => {
    assert.equal(closing(merged([run(3, 0, 0), crashed("live tests", 134)])).at(-1), "3 passed, 1 failed");
  });

  it("gives the time of all parts together", () => {
    assert.ok(closing(merged([run(1, 0, 0), run(1, 0, 0)])).includes("  2 passing (2m)"));
  });
});
