import assert from "node:assert/strict";
import { z } from "zod";
import { EchoInput } from "../../../contract/tasks.ts";
import { compileInputCheck } from "./check-input.ts";

describe("the check of an input", () => {
  const check = compileInputCheck(z.toJSONSchema(z.strictObject({
    language: z.enum(["solidity", "typescript"]),
    "source/path": z.string().min(1),
    options: z.strictObject({ runs: z.number().int().max(1_000) }).optional(),
    at: z.iso.datetime().optional(),
  }), { io: "input" }) as Record<string, unknown>);
  const valid = { language: "solidity", "source/path": "a.sol" };

  it("passes what fits", () => assert.deepEqual(check(valid), []));

  it("names the field by a JSON pointer, and the values that are allowed", () => {
    assert.deepEqual(check({ ...valid, language: "cobol" }), [{ path: "/input/language", message: 'must be one of "solidity", "typescript"' }]);
  });

  it("names what is missing, escaped as RFC 6901 says", () => {
    assert.deepEqual(check({ language: "solidity" }), [{ path: "/input/source~1path", message: "is missing" }]);
  });

  it("names an unknown field and those that there are", () => {
    assert.deepEqual(check({ ...valid, options: { runs: 1, speed: 2 } }), [{ path: "/input/options/speed", message: "unknown field; there are runs" }]);
  });

  it("reports every problem, not only the first", () => {
    assert.deepEqual(check({ language: 1, options: { runs: 2_000 } }).map(({ path }) => path).sort(),
      ["/input/language", "/input/language", "/input/options/runs", "/input/source~1path"]);
  });

  it("knows formats", () => assert.deepEqual(check({ ...valid, at: "yesterday" }).map(({ path }) => path)[0], "/input/at"));

  it("takes the diagnostic action's own schema", () => {
    const echo = compileInputCheck(z.toJSONSchema(EchoInput, { io: "input" }) as Record<string, unknown>);
    assert.deepEqual(echo({ payload: { any: ["thing"] }, sleepMs: 5 }), []);
    assert.deepEqual(echo({ sleepMs: -1 }), [{ path: "/input/sleepMs", message: "must be >= 0" }]);
  });
});
