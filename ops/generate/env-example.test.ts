import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AgentEnvironment, ServerEnvironment } from "../../contract/environment.ts";
import { pathsOf } from "../system/paths.ts";
import { renderEnvExample } from "./env-example.ts";

describe(".env.example", () => {
  const text = renderEnvExample();

  it("is what the schema says", () => {
    assert.equal(readFileSync(join(pathsOf({}).root, ".env.example"), "utf8"), text, "run: node ops/generate/env-example.ts");
  });

  it("names every variable once", () => {
    for (const name of new Set([...Object.keys(ServerEnvironment.shape), ...Object.keys(AgentEnvironment.shape)])) {
      assert.equal(text.match(new RegExp(`^(# )?${name}(_FILE)?=`, "gm"))?.length, 1, name);
    }
  });

  it("gives secrets as files only", () => {
    assert.match(text, /^# MCP_POSTGRES_URL_FILE=\/run\/secrets\//m);
    assert.doesNotMatch(text, /^(# )?MCP_POSTGRES_URL=/m);
  });
});
