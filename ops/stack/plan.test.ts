import assert from "node:assert/strict";
import { pathsOf } from "../system/paths.ts";
import type { Failure } from "../system/failure.ts";
import { planOf, rawSettings } from "./plan.ts";

const refused = (config: Record<string, unknown>) => {
  try { planOf(pathsOf(process.env), "dev", config); } catch (error) { return error as Failure; }
  throw new Error("accepted");
};

describe("plan before a deployment", () => {
  it("reads the settings of this project alone, and none of its secrets", () => {
    assert.deepEqual(rawSettings({ "mcp:portOffset": 1, "docker:host": "x", "mcp:rpcUrl": { secure: "v1:abc" } }),
      { portOffset: 1, rpcUrl: "https://hidden.invalid" });
    assert.deepEqual(rawSettings({ "mcp:devnet": { forkBlock: 5, forkUrl: { secure: "v1:abc" } }, "mcp:disabled": ["toolbox"] }),
      { devnet: { forkBlock: 5, forkUrl: "https://hidden.invalid" }, disabled: ["toolbox"] });
  });

  it("names every wrong key at once, with the file", () => {
    const failure = refused({ "mcp:portOffset": "many", "mcp:prefix": "x" });
    assert.equal(failure.exitCode, 2);
    assert.match(failure.message, /Pulumi\.dev\.yaml: mcp:portOffset: found "many"/);
    assert.match(failure.message, /Pulumi\.dev\.yaml: mcp:prefix: unknown key/);
  });

  it("refuses what only the whole plan shows, as a port that two services want", () => {
    assert.match(refused({ "mcp:edge": { port: 5432 } }).message, /^host port 5432 .*"nginx"/);
  });
});
