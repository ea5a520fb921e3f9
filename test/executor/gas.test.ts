import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { measureGas } from "./gas.ts";

describe("the executor's gas", function () {
  this.timeout(120_000);

  it("is that of contracts/gas-snapshot.json; where it was meant to change, node test/executor/write-gas-snapshot.ts writes it", async () => {
    const committed = JSON.parse(readFileSync(join(import.meta.dirname, "../../contracts/gas-snapshot.json"), "utf8")) as unknown;
    assert.deepEqual(await measureGas(), committed);
  });
});
