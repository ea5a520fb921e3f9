import assert from "node:assert/strict";
import type { Task } from "../../../../contract/tasks.ts";
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
    assert.deepEqual([...hub.tasks.values()].map(({ state }) => state).sort(), ["cancelled", "dead"]);
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

  it("has itself settled when it is cancelled or out of time, and not when it is stopped or another attempt goes on", async () => {
    const end = async (why: AttemptEnded["why"], own: { state?: Task["state"]; attempt?: number } = {}): Promise<string[]> => {
      const hub = new FakeHub({ slow: () => "runs", settle_workflow: () => "runs" });
      const workflow = { steps: [step("slow")] };
      hub.addRun(taskId, workflow, own.state ?? "active", own.attempt ?? 1);
      const controller = new AbortController();
      const running = run(hub, workflow, { signal: controller.signal });
      await until(() => hub.calls.includes("submit slow"));
      controller.abort(new AttemptEnded(why, `It is over: ${why}.`));
      await assert.rejects(running, /It is over/);
      if (own.state === "cancelled") await until(() => hub.calls.includes("cancel slow"));
      const settling = [...hub.tasks.values()].find(({ request }) => request.action === "settle_workflow");
      if (settling) assert.deepEqual([settling.request.input, settling.request.priority], [{ run: taskId }, "high"]);
      return hub.calls.slice(1);
    };
    assert.deepEqual(await end("cancelled"), ["submit settle_workflow"]);
    assert.deepEqual(await end("cancelled", { state: "cancelled" }), ["submit settle_workflow", "cancel slow"], "at once, without waiting for the task");
    assert.deepEqual(await end("deadline"), ["submit settle_workflow"]);
    for (const why of ["returned", "timeout"] as const) assert.deepEqual(await end(why), []);
    assert.deepEqual(await end("cancelled", { attempt: 2 }), [], "an attempt that was given up for lost is told to stop");
    assert.deepEqual(await end("cancelled", { state: "pending" }), []);
  });

  it("gives steps that had failed fresh attempts when the workflow itself is replayed", async () => {
    const script: Script = { a: ok(), flaky: (_, time) => (time === 1 ? { error: "first time" } : { result: "second" }) };
    const hub = new FakeHub(script);
    const workflow = { steps: [step("a"), step("flaky", { needs: ["a"] })] };
    await assert.rejects(run(hub, workflow), /first time/);
    assert.equal((await run(hub, workflow, { attempt: 2 })).steps["flaky"]!.result, "second");
    assert.deepEqual(hub.calls, ["submit a", "submit flaky", "replay flaky"]);
  });

  it("refuses actions and inputs that cannot be, naming the step, and waits for a type that is away", async () => {
    const hub = new FakeHub({ a: ok() });
    const builder = (id: string, action: string, input: object = {}) => ({ id, type: "builder", action, input });
    await assert.rejects(run(hub, { steps: [builder("fly", "fly"), builder("get", "get_artifact", { hsah: "" })] }), {
      name: "PermanentError",
      message: /step "fly": builder has no action "fly"; its actions are compile_solidity, compile_typescript, get_artifact; step "get": input\/hash is missing; step "get": input\/hsah is an unknown field/,
    });
    assert.deepEqual([hub.calls, hub.runs.runs.size], [[], 0]);
    await run(hub, { steps: [step("a")] });
  });

  describe("with forEach", () => {
    const double = ({ n }: Record<string, unknown>) => ({ result: Number(n) * 2 });
    const each = (more: object = {}) => step("each", { forEach: { $from: "steps.list.result" }, input: { n: { $from: "item.n" }, at: { $from: "index" } }, ...more });
    const list = (...numbers: number[]) => ok(numbers.map((n) => ({ n })));

    it("runs one task an item and answers their results in order", async () => {
      const hub = new FakeHub({ list: list(5, 6, 7), each: double, sum: ({ all }) => ({ result: all }) });
      const answer = await run(hub, { steps: [step("list"), each(), step("sum", { input: { all: { $from: "steps.each.result" } } })] });
      assert.deepEqual([answer.steps["sum"]!.result, answer.steps["each"]!.items, answer.steps["each"]!.attempts], [[10, 12, 14], 3, 3]);
      assert.deepEqual([...hub.tasks.values()].filter(({ request }) => request.action === "each").map(({ request }) => request.input), [{ n: 5, at: 0 }, { n: 6, at: 1 }, { n: 7, at: 2 }]);
    });
    it("has nothing to do for an empty list", async () => {
      const answer = await run(new FakeHub({ list: list(), after: ok(1) }), { steps: [step("list"), each(), step("after", { needs: ["each"] })] });
      assert.deepEqual([answer.steps["each"]!.state, answer.steps["each"]!.result, answer.steps["after"]!.result], ["succeeded", [], 1]);
    });
    it("keeps no more items under way than allowed", async () => {
      const hub = new FakeHub({ list: list(1, 2, 3, 4, 5), each: () => "runs" });
      const most: number[] = [];
      const running = run(hub, { steps: [step("list"), each({ parallel: 2 })] });
      for (let ended = 0; ended < 5; ended++) {
        await until(() => [...hub.tasks.values()].some(({ state }) => state === "active"));
        await new Promise((next) => setTimeout(next, 10));
        most.push([...hub.tasks.values()].filter(({ state }) => state === "active").length);
        hub.endedWhere(({ state }) => state === "active", { result: ended });
      }
      assert.deepEqual([Math.max(...most), (await running).steps["each"]!.result], [2, [0, 1, 2, 3, 4]]);
    });
    it("fails at an item and names it, or goes on with null in its place where that is allowed", async () => {
      const script: Script = { list: list(1, 2, 3), each: (input) => (input["n"] === 2 ? { error: "no two" } : double(input)), after: ({ all }) => ({ result: all }) };
      await assert.rejects(run(new FakeHub(script), { steps: [step("list"), each()] }), /The workflow failed: step "each", item 1 \(task [0-9a-f-]{36}\) failed: no two$/);
      const answer = await run(new FakeHub(script), { steps: [step("list"), each({ allowFailure: true }), step("after", { input: { all: { $from: "steps.each.result" } } })] });
      assert.deepEqual([answer.steps["each"]!.state, answer.steps["each"]!.error!.message, answer.steps["after"]!.result], ["failed", "item 1: no two", [2, null, 6]]);
    });
    it("fails when there is no list, or too long a one", async () => {
      await assert.rejects(run(new FakeHub({ list: ok("text") }), { steps: [step("list"), each()] }), /step "each" was refused: "steps\.list\.result" is no list/);
      await assert.rejects(run(new FakeHub({ list: ok(Array(1_001).fill(0)) }), { steps: [step("list"), each()] }), /has 1001 items; at most 1000/);
    });
    it("goes on where it was, item by item", async () => {
      const hub = new FakeHub({ list: list(1, 2, 3), each: ({ n }) => (n === 2 ? "runs" : { result: n }) });
      const workflow = { steps: [step("list"), each({ parallel: 2 })] };
      const controller = new AbortController();
      const first = run(hub, workflow, { signal: controller.signal });
      await until(() => hub.tasks.size === 4);
      controller.abort(new AttemptEnded("returned", "The agent is stopping."));
      await assert.rejects(first, /stopping/);
      hub.endedWhere(({ state }) => state === "active", { result: 2 });
      assert.deepEqual((await run(hub, workflow, { attempt: 2 })).steps["each"]!.result, [1, 2, 3]);
      assert.equal(hub.calls.filter((call) => call === "submit each").length, 3);
    });
  });

  describe("with compensation", () => {
    const undo = (action: string, input: object = {}) => ({ compensate: { type: "t", action, input } });
    const inputs = (hub: FakeHub, action: string) => [...hub.tasks.values()].filter(({ request }) => request.action === action).map(({ request }) => request.input);

    it("undoes what had succeeded, the last to end first, and tells of it", async () => {
      const hub = new FakeHub({ a: ok({ id: 1 }), b: ok({ id: 2 }), c: ok({ id: 3 }), bad: () => ({ error: "no" }), undo_a: ok(), undo_b: ok() });
      const steps = [
        step("a", undo("undo_a", { id: { $from: "result.id" } })), step("b", { needs: ["a"], ...undo("undo_b", { id: { $from: "result.id" }, of: { $from: "steps.a.result.id" } }) }),
        step("c", { needs: ["b"] }), step("bad", { needs: ["c"], ...undo("never") }),
      ];
      await assert.rejects(run(hub, { steps }), /step "bad" \(task [0-9a-f-]{36}\) failed: no; undone: a, b$/);
      assert.deepEqual(hub.calls.slice(-2), ["submit undo_b", "submit undo_a"]);
      assert.deepEqual([inputs(hub, "undo_a"), inputs(hub, "undo_b")], [[{ id: 1 }], [{ id: 2, of: 1 }]]);
    });
    it("undoes the items that had succeeded, each with its own result", async () => {
      const hub = new FakeHub({ each: ({ n }) => (n === 3 ? { error: "no three" } : { result: `r${n}` }), undo: ok() });
      const each = step("each", { parallel: 1, forEach: [1, 2, 3, 4], input: { n: { $from: "item" } }, ...undo("undo", { what: { $from: "result" }, n: { $from: "item" }, at: { $from: "index" } }) });
      await assert.rejects(run(hub, { steps: [each] }), /item 2 .*no three; undone: each\[0\], each\[1\]$/);
      assert.deepEqual(inputs(hub, "undo"), [{ what: "r2", n: 2, at: 1 }, { what: "r1", n: 1, at: 0 }]);
    });
    it("tries the others when one cannot be undone, and says which", async () => {
      const hub = new FakeHub({ a: ok(), b: ok(), c: ok({}), bad: () => ({ error: "no" }), undo_a: ok(), undo_b: () => ({ error: "stuck" }) });
      const steps = [
        step("a", undo("undo_a")), step("b", { needs: ["a"], ...undo("undo_b") }),
        step("c", { needs: ["b"], ...undo("undo_c", { x: { $from: "result.missing" } }) }), step("bad", { needs: ["c"] }),
      ];
      await assert.rejects(run(hub, { steps }), /undone: a; could not undo b \(task [0-9a-f-]{36}\): stuck; could not undo c: Reference "result\.missing"/);
    });
    it("goes on undoing where an attempt left off, and fails all the same", async () => {
      const hub = new FakeHub({ a: ok(), bad: () => ({ error: "no" }), undo: () => "runs" });
      const workflow = { steps: [step("a", undo("undo")), step("bad", { needs: ["a"] })] };
      const controller = new AbortController();
      const first = run(hub, workflow, { signal: controller.signal });
      await until(() => hub.calls.includes("submit undo"));
      controller.abort(new AttemptEnded("returned", "The agent is stopping."));
      await assert.rejects(first, /stopping/);
      hub.ended("undo", { result: 1 });
      await assert.rejects(run(hub, workflow, { attempt: 2 }), /step "bad" .*failed: no; undone: a$/);
      assert.deepEqual(hub.calls, ["submit a", "submit bad", "submit undo"], "nothing was tried again");
    });
    it("does again what was undone when the workflow is retried, and what used it; other results stand", async () => {
      const hub = new FakeHub({
        keep: ok("kept"), a: (_, time) => ({ result: time }), uses: ({ a }) => ({ result: a }), undo: ok(), flaky: (_, time) => (time === 1 ? { error: "first time" } : { result: "second" }),
      });
      const workflow = { steps: [
        step("keep"), step("a", undo("undo")), step("uses", { input: { a: { $from: "steps.a.result" } } }), step("flaky", { needs: ["keep", "uses"] }),
      ] };
      await assert.rejects(run(hub, workflow), /first time; undone: a$/);
      const answer = await run(hub, workflow, { attempt: 2 });
      assert.deepEqual([answer.steps["a"]!.result, answer.steps["uses"]!.result, answer.steps["flaky"]!.result, answer.steps["keep"]!.result], [2, 2, "second", "kept"]);
      assert.deepEqual(hub.calls.filter((call) => call === "submit keep").length, 1);
      assert.equal(new Set([...hub.tasks.values()].map(({ key }) => key)).size, hub.tasks.size);
    });
  });

  it("answers the output that the workflow asks for, and fails when it cannot be given", async () => {
    const hub = () => new FakeHub({ a: ok({ hash: "h" }) });
    const answer = await run(hub(), { input: { x: 1 }, steps: [step("a")], output: { hash: { $from: "steps.a.result.hash" }, x: { $from: "input.x" } } });
    assert.deepEqual([answer.output, "result" in answer.steps["a"]!], [{ hash: "h", x: 1 }, false]);
    await assert.rejects(run(hub(), { steps: [step("a")], output: { y: { $from: "steps.a.result.y" } } }), /The workflow failed: output: Reference "steps\.a\.result\.y"/);
  });

  it("leaves results out that are too large to travel together", async () => {
    const hub = new FakeHub({ a: ok("x".repeat(2_000_000)), b: ok("y".repeat(2_000_000)) });
    const answer = await run(hub, { steps: [step("a"), step("b")] });
    assert.deepEqual([answer.steps["a"]!.resultLeftOut, answer.steps["a"]!.result, answer.steps["a"]!.state], [true, undefined, "succeeded"]);
  });

  it("answers from its record when its first answer was lost", async () => {
    const hub = new FakeHub({ a: ok(7) });
    await run(hub, { steps: [step("a")] });
    hub.tasks.clear();
    assert.equal((await run(hub, { steps: [step("a")] })).steps["a"]!.result, 7);
    assert.deepEqual(hub.calls, ["submit a"]);
  });

  it("finds the task that it had submitted and not written down", async () => {
    const hub = new FakeHub({ a: ok(7) });
    const workflow = { steps: [step("a")] };
    // The store goes away between the submission and its writing down, and so does the agent.
    const submitTask = hub.submitTask.bind(hub);
    const controller = new AbortController();
    hub.submitTask = async (request) => {
      const receipt = await submitTask(request);
      hub.runs.away = 1_000;
      controller.abort(new AttemptEnded("returned", "The agent is stopping."));
      return receipt;
    };
    await assert.rejects(run(hub, workflow, { signal: controller.signal }), /stopping/);
    hub.runs.away = 0;
    hub.submitTask = submitTask;
    assert.equal((await run(hub, workflow, { attempt: 2 })).steps["a"]!.result, 7);
    assert.deepEqual(hub.calls, ["submit a"]);
  });

  it("gives way to whoever has taken the run over, and says nothing until its attempt is over", async () => {
    const hub = new FakeHub({ slow: () => "runs" });
    const workflow = { steps: [step("slow")] };
    const own = hub.addRun(taskId, workflow);
    let ended = false;
    const paused = run(hub, workflow).catch((error: Error) => error).finally(() => { ended = true; });
    await until(() => hub.calls.includes("submit slow"));
    const controller = new AbortController();
    const second = run(hub, workflow, { signal: controller.signal });
    hub.ended("slow", { result: 1 });
    assert.equal((await second).steps["slow"]!.result, 1);
    assert.equal(ended, false);
    own.state = "succeeded";
    assert.equal(((await paused) as Error).name, "Superseded");
  });

  it("waits with a retry until the attempt before is settled", async () => {
    const hub = new FakeHub({ a: ok() });
    const workflow = { steps: [step("a")] };
    await hub.runs.open({ id: taskId, name: null, attempt: 1 });
    const settling = (await hub.runs.settle(taskId, 1, "cancelled", "by request"))!;
    const notes: string[] = [];
    const retry = run(hub, workflow, { attempt: 2, onProgress: (_: number, note: string) => notes.push(note) });
    await until(() => notes.length > 1);
    assert.match(notes[0]!, /waiting until the attempt before is settled/);
    assert.deepEqual(hub.calls, []);
    await hub.runs.save(taskId, settling.epoch, [], { state: "cancelled" });
    assert.equal((await retry).steps["a"]!.state, "succeeded");
  });

  it("outlives a store that is away for a while", async () => {
    const hub = new FakeHub({ a: ok(), b: ok(3) });
    hub.runs.away = 2;
    assert.equal((await run(hub, { steps: [step("a"), step("b", { needs: ["a"] })] })).steps["b"]!.result, 3);
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
