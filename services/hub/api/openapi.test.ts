import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { openApi } from "./openapi.ts";

const at = (path: string): string => readFileSync(new URL(`../../../docs/${path}`, import.meta.url), "utf8");

describe("the API's documentation", () => {
  const document = openApi() as { paths: Record<string, Record<string, { operationId: string }>>; components: { schemas: Record<string, unknown> } };

  it("has docs/openapi.json as the schemas are (else run: node services/hub/api/write-openapi.ts)", () => {
    assert.deepEqual(JSON.parse(at("openapi.json")), JSON.parse(JSON.stringify(document)));
  });

  it("names every call in docs/API.md", () => {
    const text = at("API.md");
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const method of Object.keys(operations)) assert.ok(text.includes(`\`${method.toUpperCase()} ${path}\``), `${method} ${path}`);
    }
  });

  it("refers only to schemas that it has", () => {
    const refs = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1]!);
    assert.ok(refs.length > 10);
    for (const name of refs) assert.ok(Object.hasOwn(document.components.schemas, name), name);
  });
});
