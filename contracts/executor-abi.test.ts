import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { renderExecutorAbi } from "./executor-abi.ts";

describe("contract/flash-executor.ts", function () {
  this.timeout(60_000);

  it("is what the contract compiles to; node contracts/write-abi.ts writes it", () => {
    assert.equal(readFileSync(join(import.meta.dirname, "../contract/flash-executor.ts"), "utf8"), renderExecutorAbi());
  });
});
