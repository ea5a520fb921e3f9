/** The suite that every agent passes; call it inside the agent's own test file. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { AgentEntry } from "../../../contract/catalog.ts";
import type { Action } from "../../kit/agent.ts";

const ROOT = new URL("../../../", import.meta.url);

/** @param type catalogue type; names `configs/agents/<type>.yaml` and `services/agents/<type>/` */
export function agentContract<D>({ type, actions }: { type: string; actions: readonly Action<D>[] }): void {
  describe(`${type}: what every agent promises`, () => {
    const entry = AgentEntry.parse(parse(readFileSync(new URL(`configs/agents/${type}.yaml`, ROOT), "utf8")));

    it("stands in the catalogue under its type, with exactly the actions that it has", () => {
      assert.equal(entry.type, type);
      assert.deepEqual(entry.capabilities.toSorted(), actions.map(({ name }) => name).sort());
    });
    it("has one file and one test for each action, named after it", () => {
      const files = readdirSync(new URL(`services/agents/${type}/actions/`, ROOT)).sort();
      const names = actions.map(({ name }) => name.replaceAll("_", "-"));
      assert.deepEqual(files, names.flatMap((name) => [`${name}.test.ts`, `${name}.ts`]).sort());
    });
    for (const action of actions) {
      it(`${action.name} says what it does, describes every field of its input, and refuses unknown ones`, () => {
        assert.match(action.name, /^[a-z][a-z0-9]*(_[a-z0-9]+)+$/);
        assert.ok(action.description.length >= 20, "a description of at least 20 characters");
        const schema = z.toJSONSchema(action.input, { io: "input" });
        assert.equal(schema.additionalProperties, false, "make it a z.strictObject");
        for (const [field, part] of Object.entries(schema.properties ?? {})) {
          assert.ok((part as { description?: string }).description, `${field}: add .describe(…)`);
        }
      });
    }
  });
}
