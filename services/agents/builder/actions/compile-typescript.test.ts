import assert from "node:assert/strict";
import { callAction } from "../../../kit/testing.ts";
import { makeBuilder } from "../testing/builder.ts";
import { compileTypescript } from "./compile-typescript.ts";

const files = {
  "src/fee.ts": "export const fee = (amount: bigint): bigint => (amount * 9n + 9_999n) / 10_000n;",
  "src/main.ts": 'import { fee } from "./fee.ts";\nexport const total: bigint = fee(5n);',
};

describe("compile_typescript", function () {
  this.timeout(60_000);
  const deps = makeBuilder();
  // Without the DOM's library, which takes most of the time; the sandbox's test has the default.
  const compile = ({ files: given, options = {} }: { files: Record<string, string>; options?: object }) =>
    callAction(compileTypescript, deps, { files: given, options: { lib: ["es2020"], ...options } });

  it("checks types across files, emits JavaScript whose imports work, and stores it by content", async () => {
    const answer = await compile({ files });
    assert.deepEqual([answer.ok, answer.diagnostics, answer.stored], [true, [], true]);
    assert.deepEqual(answer.emitted, {
      "src/fee.js": "export const fee = (amount) => (amount * 9n + 9999n) / 10000n;\n",
      "src/main.js": 'import { fee } from "./fee.js";\nexport const total = fee(5n);\n',
    });
    assert.deepEqual(JSON.parse(deps.artifacts.stored.get(answer.hash!)!.content).emitted, answer.emitted);
    assert.deepEqual([(await compile({ files })).hash, (await compile({ files })).stored], [answer.hash, false]);
  });

  it("answers with the place and code of each type error, and emits nothing", async () => {
    const answer = await compile({ files: { ...files, "src/bad.ts": 'import { fee } from "./fee.ts";\nexport const s: string = fee(1n);' } });
    assert.deepEqual([answer.ok, answer.hash, answer.emitted], [false, null, {}]);
    assert.deepEqual(answer.diagnostics, [
      { severity: "error", code: "TS2322", message: "Type 'bigint' is not assignable to type 'string'.", file: "src/bad.ts", line: 2, column: 14 },
    ]);
  });

  it("emits in spite of errors when told to", async () => {
    const answer = await compile({ files: { "a.ts": "export const s: string = 1;" }, options: { noEmitOnError: false } });
    assert.deepEqual([answer.ok, answer.emitted], [false, { "a.js": "export const s = 1;\n" }]);
  });

  it("obeys its options", async () => {
    const loose = { files: { "a.ts": "export function f(x) { return x; }" } };
    assert.equal((await compile(loose)).diagnostics[0]!.code, "TS7006");
    assert.equal((await compile({ ...loose, options: { strict: false } })).ok, true);
    const { emitted } = await compile({ files, options: { declaration: true, module: "commonjs" } });
    assert.match(emitted["src/main.js"]!, /require\("\.\/fee\.js"\)/);
    assert.equal(emitted["src/fee.d.ts"], "export declare const fee: (amount: bigint) => bigint;\n");
  });

  it("installs nothing: a package that is not given is an error", async () => {
    const { ok, diagnostics } = await compile({ files: { "a.ts": 'import { z } from "zod"; export const s = z.string();' } });
    assert.deepEqual([ok, diagnostics[0]!.code], [false, "TS2307"]);
  });

  it("refuses files of which none is TypeScript", async () => {
    await assert.rejects(compile({ files: { "a.js": "1" } }), { name: "UserFault", message: /none of them is TypeScript/ });
  });
});
