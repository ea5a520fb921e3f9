import assert from "node:assert/strict";
import { afterEach, it } from "mocha";
import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { getArtifact } from "../../../services/agents/builder/actions/get-artifact.ts";
import { compileTypescript } from "../../../services/agents/builder/actions/compile-typescript.ts";
import { PostgresArtifacts } from "../../../services/agents/builder/artifacts/artifact-store.ts";
import { makeBuilder } from "../../../services/agents/builder/testing/builder.ts";
import { Effects } from "../../../services/kit/effects.ts";
import { callAction } from "../../../services/kit/testing.ts";
import type { AgentsRig } from "./rig.ts";

const OWNER = "agent:builder";

export function artifactCases(rig: AgentsRig): void {
  afterEach(async () => {
    await rig.empty("artifacts", OWNER);
    await rig.empty("fabric", "hub");
  });

  const build = async (taskId: string, attempt = 1, files: object = { "a.ts": "export const a = 1;" }) => {
    const deps = { ...makeBuilder(), artifacts: new PostgresArtifacts(rig.pool(OWNER)) };
    const effects = new Effects(() => rig.pool(OWNER));
    const owner = { taskId, attempt, agentId: "builder-1", signal: new AbortController().signal };
    const output = await compileTypescript.handler({ ...compileTypescript.input.parse({ files, options: { lib: ["es2020"] } }) }, {
      deps, taskId, attempt, signal: owner.signal, log: undefined as never, progress: () => {},
      once: <T extends object>(key: string, effect: (tx: PoolClient) => Promise<T>) => effects.once(owner, key, effect),
    });
    return { ...output, deps };
  };
  const count = async (): Promise<number> => (await rig.pool(OWNER).query("select from artifacts.artifacts")).rowCount!;

  it("stores a build once per content, with the rights that the builder has in a deployment", async () => {
    const [one, two] = [await build(randomUUID()), await build(randomUUID())];
    assert.deepEqual([one.stored, two.stored, two.hash, await count()], [true, false, one.hash, 1]);
    await build(randomUUID(), 1, { "b.ts": "export const b = 1;" });
    assert.equal(await count(), 2);
  });

  it("stores once for a task that is delivered again, also at the same time", async () => {
    const taskId = randomUUID();
    const [first, second] = await Promise.all([build(taskId, 1), build(taskId, 2)]);
    assert.deepEqual([first.stored, second.stored, await count()], [true, true, 1], "both answer what the first had done");
  });

  it("gives back the very bytes that the hash is of", async () => {
    const { hash, deps, emitted } = await build(randomUUID(), 1, { "a.ts": 'export const text = "naïve \\u0000 😀 1e3 \\\\";' });
    const { artifact, sizeBytes } = await callAction(getArtifact, deps, { hash });
    assert.deepEqual((artifact as { emitted: object }).emitted, emitted);
    assert.ok(sizeBytes > 50);
  });
}
