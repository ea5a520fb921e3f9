/** What the example workflows do, wherever they run. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "mocha";
import type { Task, TaskRequest } from "../../../contract/tasks.ts";
import type { z } from "zod";

const EXAMPLES = join(import.meta.dirname, "../../../examples/workflows");

/** A deployment with the agents that the examples use, workflow-engine and code-search. */
export interface Deployment {
  /** A tool of a server, as in `workflow-engine.get_workflow`. @throws with the answer's text when it is an error */
  call(tool: string, input: object): Promise<any>;
  submit(task: z.input<typeof TaskRequest>): Promise<{ id: string }>;
  task(id: string): Promise<Task>;
}

export function exampleCases(deployment: () => Deployment): void {
  const call = (tool: string, input: object): Promise<any> => deployment().call(tool, input);

  /** The run once it has ended and nothing of it is left to undo. */
  async function run(file: string, input: object = {}): Promise<any> {
    const { id } = await call("workflow-engine.start_workflow", { workflow: readFileSync(join(EXAMPLES, file), "utf8"), input });
    for (const until = Date.now() + 240_000; ;) {
      const seen = await call("workflow-engine.get_workflow", { id });
      if (!["pending", "active"].includes(seen.state) && !seen.settling) return seen;
      assert.ok(Date.now() < until, `${file} does not end: ${JSON.stringify(seen).slice(0, 3_000)}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  const states = ({ steps }: any): Record<string, string> => Object.fromEntries(steps.map(({ id, state }: { id: string; state: string }) => [id, state]));
  const resultOf = ({ steps }: any, id: string): any => steps.find((step: { id: string }) => step.id === id).result;
  const repositories = async (): Promise<string[]> => (await call("code-search.list_repositories", {})).repositories.map(({ name }: { name: string }) => name);

  it("compile-and-keep: what was compiled is what is stored under its hash", async () => {
    const seen = await run("compile-and-keep.yaml");
    assert.deepEqual([seen.state, states(seen)], ["succeeded", { compile: "succeeded", artifact: "succeeded", types: "succeeded" }], seen.error);
    const { artifact, hash } = resultOf(seen, "artifact");
    assert.equal(hash, resultOf(seen, "compile").hash);
    assert.deepEqual(artifact.contracts.map(({ name }: { name: string }) => name), ["Vault"]);
    assert.match(artifact.contracts[0].bytecode, /^0x60/);
    assert.equal(resultOf(seen, "types").ok, true);
  });

  it("compile-library: each contract by itself, the one that does not compile in its place", async () => {
    const seen = await run("compile-library.yaml");
    assert.deepEqual([seen.state, states(seen)], ["succeeded", { compile: "succeeded", artifacts: "failed" }], seen.error);
    assert.deepEqual(resultOf(seen, "compile").map(({ ok }: { ok: boolean }) => ok), [true, true, false]);
    const [vault, fee, missing] = seen.output.artifacts;
    assert.deepEqual([vault.artifact.contracts[0].name, fee.artifact.contracts.map(({ name }: { name: string }) => name).sort(), missing], ["Vault", ["LoanFee", "Quote"], null]);
  });

  it("trial-index: keeps the index when the proof compiles, and leaves nothing behind when it does not", async () => {
    const kept = await run("trial-index.yaml");
    assert.equal(kept.state, "succeeded", kept.error);
    assert.ok(kept.output.files > 0 && /^[0-9a-f]{64}$/.test(kept.output.proof), JSON.stringify(kept.output));
    const undone = await run("trial-index.yaml", { repository: "trial-without-proof", proof: "contract Broken {" });
    assert.deepEqual([undone.state, states(undone)["index"], undone.steps[0].undone.succeeded], ["failed", "succeeded", 1]);
    assert.match(undone.error, /step "kept" was refused.*hash.*undone: index/);
    const names = await repositories();
    assert.deepEqual([names.includes("trial"), names.includes("trial-without-proof")], [true, false]);
  });

  it("dead-letter-triage: what was given up is found and listed, and nothing is replayed unasked", async () => {
    const { id } = await deployment().submit({ type: "builder", action: "echo", input: { failTimes: 100 }, maxAttempts: 1 });
    const state = async (): Promise<string> => (await deployment().task(id)).state;
    for (const until = Date.now() + 30_000; (await state()) !== "dead" && Date.now() < until;) await new Promise((resolve) => setTimeout(resolve, 200));
    const seen = await run("dead-letter-triage.yaml");
    assert.equal(seen.state, "succeeded", seen.error);
    assert.ok(seen.output.givenUp >= 1);
    assert.ok(seen.output.replays.some((replay: any) => replay.dryRun && replay.replayed.some((task: { id: string }) => task.id === id)), JSON.stringify(seen.output.replays));
    assert.match(seen.output.report, /builder/);
    assert.equal(await state(), "dead");
  });

  it("nightly-care: the workspace is indexed, and every step has done its part", async () => {
    const seen = await run("nightly-care.yaml");
    assert.equal(seen.state, "succeeded", seen.error);
    const { replay, ...others } = states(seen);
    assert.ok(["succeeded", "skipped"].includes(replay!), replay);
    assert.deepEqual(others, { index: "succeeded", index_status: "succeeded", dead_letters: "succeeded", retention: "succeeded", report: "succeeded" });
    assert.ok((await repositories()).includes("workspace"));
    assert.equal(resultOf(seen, "retention").dryRun, false);
  });

  it("are shown as graphs, and refused with the step that is wrong", async () => {
    const text = readFileSync(join(EXAMPLES, "trial-index.yaml"), "utf8");
    const { mermaid, waves } = await call("workflow-engine.explain_workflow", { workflow: text });
    assert.deepEqual(waves, [["index"], ["status", "proof"], ["kept"]]);
    assert.match(mermaid, /undone by .*forget_repository/);
    const { valid, problems } = await call("workflow-engine.validate_workflow", { workflow: text.replace("index_status", "index_everything") });
    assert.deepEqual([valid, problems.length], [false, 1]);
    assert.match(problems[0], /step "status": code-indexer has no action "index_everything"/);
  });
}
