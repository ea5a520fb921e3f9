import assert from "node:assert/strict";
import { languageOf } from "./languages.ts";

describe("languageOf", () => {
  const cases: [path: string, language: string, parsed: boolean][] = [
    ["src/main.ts", "TypeScript", true],
    ["a/b/Component.TSX", "TypeScript", true],
    ["contracts/Vault.sol", "Solidity", true],
    ["images/hub/Dockerfile", "Dockerfile", false],
    ["package-lock.json", "JSON", false],
    ["LICENSE", "Text", false],
    ["odd.constructor", "Text", false],
    [".gitignore", "Text", false],
    ["v1.2/README", "Text", false],
  ];
  for (const [path, language, parsed] of cases) {
    it(`takes ${path} for ${language}`, () => {
      assert.deepEqual([languageOf(path).name, languageOf(path).ctagsFile !== null], [language, parsed]);
    });
  }
});
