import assert from "node:assert/strict";
import { z } from "zod";
import { ActionCatalog } from "../../../contract/tasks.ts";
import { defineAction } from "../action.ts";
import { ConfigError } from "../config.ts";
import { echoAction } from "../echo.ts";
import { actionCatalog, parsePolicy } from "./action-catalog.ts";

const compile = defineAction<unknown>()({
  name: "compile", description: "Compiles.",
  input: z.strictObject({ source: z.string().describe("Text."), runs: z.number().default(200).describe("Optimizer runs.") }),
  output: z.object({ size: z.number() }),
  handler: async () => ({ size: 1 }),
});

describe("the action catalogue", () => {
  it("has every action with its schemas, echo included, in the contract's shape", () => {
    const actions = [echoAction("builder-1", { count: async () => 1 }), compile];
    const catalog = ActionCatalog.parse(actionCatalog({ type: "builder", agentId: "builder-1", concurrency: 4, policy: parsePolicy("{}"), actions }));
    assert.deepEqual(catalog.actions.map((action) => action.name), ["compile", "echo"]);
    assert.deepEqual(catalog.actions[0]!.input["required"], ["source"]);
    assert.equal(catalog.actions[0]!.input["additionalProperties"], false);
    assert.deepEqual(catalog.policy, parsePolicy(JSON.stringify({ maxAttempts: 3 })));
  });

  it("refuses a policy that is none, by the variable's name", () => {
    for (const [json, problem] of [["{", /AGENT_POLICY: not JSON/], ['{"maxAttempts":0}', /AGENT_POLICY: maxAttempts/], ['{"retries":1}', /retries/]] as const) {
      assert.throws(() => parsePolicy(json), (error: Error) => error instanceof ConfigError && problem.test(error.message));
    }
  });
});
