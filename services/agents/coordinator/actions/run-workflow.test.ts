import assert from "node:assert/strict";
import { AttemptEnded } from "../../../kit/agent/attempt.ts";
import { callAction } from "../../../kit/testing.ts";
import { FakeHub, type Script } from "../testing/fake-hub.ts";
import { runWorkflow } from "./run-workflow.ts";

const taskId = "00000000-0000-7000-8000-00000000000a";
const step = (id: string, more: object = {}) => ({ id, type: "t", action: id, ...more });
const ok = (result: unknown = {}) => () => ({ result });
const run = (hub: FakeHub, workflow: object, options: object = {}) => callAction(runWorkflow, hub.deps, workflow, { taskId, ...options });

/** Waits for a state with a deadline, not for a length of time. */
async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 5_000; !holds(); await new Promise((next) => setTimeout(next, 2))) assert.ok(Date.now() < end, "it never came");
}

describe("run_workflow", () => {
  it("passes results on and answers every step's result and timing", async () => {
    const hub = new FakeHub({ compile: ({ source }) => ({ result: { hash: `#${source}` } }), get: ({ hash }) => ({ result: { got: hash } }) });
    const answer = await run(hub, {
      name: "build", input: { source: "A.sol" },
      steps: [step("get", { input: { hash: { $from: "steps.compile.result.hash" } } }), step("compile", { input: { source: { $from: "input.source" } }, retries: 2, priority: "high" })],
    });
    assert.deepEqual(answer.steps["get"]!.result, { got: "#A.sol" });
    assert.deepEqual([answer.name, answer.steps["compile"]!.state, answer.steps["compile"]!.durationMs, answer.steps["compile"]!.attempts], ["build", "succeeded", 1_000, 1]);
    assert.deepEqual(hub.calls, ["submit compile", "submit get"]);
    const [compile, get] = [...hub.tasks.values()].map(({ request }) => request);
    assert.deepEqual([compile!.maxAttempts, compile!.priority, get!.maxAttempts, get!.priority], [3, "high", undefined, "normal"]);
    assert.equal(answer.steps["compile"]!.taskId, [...hub.tasks.keys()][0]);
  });

  it("starts nothing twice when it is delivered again: it finds its steps by their keys", async () => {
    const hub = new FakeHub({ a: ok({ n: 1 }), b: () => "runs" });
    const workflow = { steps: [step("a"), step("b", { needs: ["a"] })] };
    const controller = new AbortController();
    const first = run(hub, workflow, { signal: controller.signal });
    await until(() => hub.calls.includes("submit b"));
    controller.abort(new AttemptEnded("returned", "The agent is stopping."));
    await assert.rejects(first, /stopping/);
    hub.ended("b", { result: { n: 2 } });
    const answer = await run(hub, workflow, { attempt: 2 });
    assert.deepEqual(answer.steps["b"]!.result, { n: 2 });
    assert.deepEqual(hub.calls, ["submit a", "submit b"], "neither cancelled by the stop nor submitted again");
  });

  it("keeps apart the steps of different workflows", async () => {
    const hub = new FakeHub({ a: ok() });
    await run(hub, { steps: [step("a")] });
    await run(hub, { steps: [step("a")] }, { taskId: "00000000-0000-7000-8000-00000000000b" });
    assert.deepEqual(hub.calls, ["submit a", "submit a"]);
  });

  it("fails when a step fails, naming it, its task and its error; what runs is cancelled, what waits never starts", async () => {
    const hub = new FakeHub({ bad: () => ({ error: "no gas left" }), slow: () => "runs", later: ok() });
    await assert.rejects(run(hub, { steps: [step("bad"), step("slow"), step("later", { needs: ["bad"] })] }), (error: Error) =>
      error.name === "PermanentError" && /^The workflow failed: step "bad" \(task [0-9a-f-]{36}\) failed: no gas left$/.test(error.message));
    assert.deepEqual([...new Set(hub.calls)].sort(), ["cancel slow", "submit bad", "submit slow"]);
  });

  it("lets independent steps finish when told to, and fails all the same", async () => {
    const hub = new FakeHub({ bad: () => ({ error: "x" }), one: ok(), two: ok() });
    await assert.rejects(run(hub, { onFailure: "finish", steps: [step("bad"), step("one"), step("two", { needs: ["one"] })] }), /step "bad"/);
    assert.ok(hub.calls.includes("submit two"));
  });

  it("succeeds in spite of a failure that is allowed, and tells of it", async () => {
    const hub = new FakeHub({ bad: () => ({ error: "x" }), next: ({ state }) => ({ result: state }) });
    const answer = await run(hub, { steps: [step("bad", { allowFailure: true }), step("next", { input: { state: { $from: "steps.bad.state" } } })] });
    assert.deepEqual([answer.steps["bad"]!.state, answer.steps["bad"]!.error!.message, answer.steps["next"]!.result], ["failed", "x", "failed"]);
  });

  it("skips by condition and says why", async () => {
    const hub = new FakeHub({ check: ok({ live: false }) });
    const answer = await run(hub, { steps: [step("check"), step("trade", { when: { $from: "steps.check.result.live" } })] });
    assert.deepEqual([answer.steps["trade"]!.state, answer.steps["trade"]!.reason, answer.steps["trade"]!.taskId], ["skipped", "its condition does not hold", null]);
  });

  it("takes a step that the hub refuses for failed, with the hub's reason", async () => {
    const hub = new FakeHub({ odd: () => ({ refuse: 'there is no agent type "t"' }) });
    await assert.rejects(run(hub, { steps: [step("odd")] }), /step "odd" was refused: there is no agent type "t"/);
  });

  it("names the reference when a result lacks what a step wants of it, and leaves nothing running", async () => {
    const hub = new FakeHub({ a: ok({ other: 1 }), b: ok(), slow: () => "runs" });
    const steps = [step("slow"), step("a"), step("b", { input: { x: { $from: "steps.a.result.hash" } } })];
    await assert.rejects(run(hub, { steps }), { name: "PermanentError", message: /"steps\.a\.result\.hash": there is no "hash"/ });
    assert.deepEqual(hub.calls, ["submit slow", "submit a", "cancel slow"]);
  });

  it("refuses a workflow that cannot run before it starts anything", async () => {
    const hub = new FakeHub({});
    await assert.rejects(run(hub, { steps: [step("a", { needs: ["b"] }), step("b", { needs: ["a"] })] }), { name: "PermanentError", message: /cannot run: steps need each other in a circle/ });
    await assert.rejects(run(hub, { steps: [{ id: "n", type: "coordinator", action: "run_workflow" }] }), /runs a workflow inside a workflow/);
    assert.deepEqual(hub.calls, []);
  });

  it("cancels the running steps when it is cancelled", async () => {
    const hub = new FakeHub({ slow: () => "runs" });
    const controller = new AbortController();
    const running = run(hub, { steps: [step("slow")] }, { signal: controller.signal });
    await until(() => hub.calls.includes("submit slow"));
    controller.abort(new AttemptEnded("cancelled", "The task was cancelled."));
    await assert.rejects(running, /was cancelled/);
    assert.deepEqual(hub.calls, ["submit slow", "cancel slow"]);
  });

  it("gives steps that had failed fresh attempts when the workflow itself is replayed", async () => {
    const script: Script = { a: ok(), flaky: (_, time) => (time === 1 ? { error: "first time" } : { result: "second" }) };
    const hub = new FakeHub(script);
    const workflow = { steps: [step("a"), step("flaky", { needs: ["a"] })] };
    await assert.rejects(run(hub, workflow), /first time/);
    assert.equal((await run(hub, workflow, { attempt: 2 })).steps["flaky"]!.result, "second");
    assert.deepEqual(hub.calls, ["submit a", "submit flaky", "replay flaky"]);
  });

  it("outlives a hub that is away for a while", async () => {
    const hub = new FakeHub({ a: ok(), b: ok(3) });
    hub.away = 3;
    const answer = await run(hub, { steps: [step("a"), step("b", { needs: ["a"] })] });
    assert.equal(answer.steps["b"]!.result, 3);
  });

  it("shows how far it is", async () => {
    const hub = new FakeHub({ a: ok(), b: () => "runs" });
    const notes: string[] = [];
    const running = run(hub, { steps: [step("a"), step("b", { needs: ["a"] })] }, { onProgress: (fraction: number, note: string) => notes.push(`${fraction} ${note}`) });
    await until(() => notes.includes("0.5 1 of 2 steps ended; running: b"));
    hub.ended("b", { result: 1 });
    await running;
  });
});
