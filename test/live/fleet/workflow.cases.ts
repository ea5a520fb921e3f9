import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, it } from "mocha";
import { taskQueue } from "../../../contract/bus.ts";
import type { FakeAgent, Outcome } from "../hub/fake-agent.ts";
import { eventually } from "../hub/rig.ts";
import type { FleetRig } from "./rig.ts";
import { WorkflowEngine } from "./workflow-engine.ts";

const TYPE = "reviewer";
/** What the agent does with a task: `hang` until it is cancelled or let go, `fail` for good, or answers after `ms`. */
interface Payload { do?: "hang" | "fail"; ms?: number; name?: string; [more: string]: unknown }
const step = (id: string, payload: object = {}, more: object = {}) => ({ id, type: TYPE, action: "echo", input: { payload: { name: id, ...payload } }, ...more });
const undo = (name: string) => ({ compensate: { type: TYPE, action: "echo", input: { payload: { name, of: { $from: "result.name" } } } } });

export function workflowCases(rig: FleetRig): void {
  const engine = new WorkflowEngine(rig.hub);
  let agent: FakeAgent;
  let letGo = false;

  async function work({ taskId, attempt, input }: { taskId: string; attempt: number; input: unknown }): Promise<Outcome> {
    const payload = (input as { payload: Payload }).payload;
    if (payload.do === "fail") return { outcome: "failed", error: { code: "refused", message: "it will not do", retryable: false } };
    const cancelled = (): boolean => agent.controls.some((word) => word.kind === "cancel" && word.taskId === taskId && word.attempt === attempt);
    for (let waited = 0; (payload.do === "hang" && !letGo) || waited < (payload.ms ?? 0); waited += 20) {
      if (cancelled()) return { outcome: "cancelled" };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return { outcome: "succeeded", result: payload };
  }

  /** Names in the order in which the agent got them, each task once however often it came. */
  const got = (): string[] => {
    const first = new Map(agent.received.map((task) => [task.taskId, (task.input as { payload: Payload }).payload.name ?? "?"]));
    return [...first.values()];
  };
  const tasksOf = async (run: string): Promise<{ key: string; state: string }[]> => {
    const { rows } = await (await rig.clients.postgres("hub")).query("select idempotency_key as key, state from fabric.tasks where idempotency_key like $1 order by id", [`%:${run}:%`]);
    return rows as { key: string; state: string }[];
  };

  beforeEach(async () => {
    letGo = false;
    agent = await rig.fakeAgent({ type: TYPE, concurrency: 16, policy: { maxAttempts: 2, backoffMs: 50, heartbeatTimeoutMs: 120_000 }, work });
    await rig.server("workflow-engine");
    await eventually(() => engine.call("list_workflows", { limit: 1 }).catch(() => null), (answer) => answer !== null, 20_000);
  });
  afterEach(() => rig.dismiss());

  const deployed = () => eventually(() => rig.hub.call("GET", "/api/v1/actions"), ({ body }) => ["coordinator", TYPE].every((type) => body.types.some((entry: { type: string }) => entry.type === type)));

  it("passes results on, fans out, decides by results, and shows every step", async () => {
    await rig.agent("coordinator");
    await deployed();
    const id = await engine.start({
      name: "all of it", input: { list: ["a", "b", "c"] },
      steps: [
        step("list", { items: { $from: "input.list" } }),
        step("each", { item: { $from: "item" }, at: { $from: "index" } }, { forEach: { $from: "steps.list.result.items" }, parallel: 2 }),
        step("never", {}, { when: { $from: "steps.list.result.items.0", equals: "z" } }),
        step("last", { all: { $from: "steps.each.result" } }),
      ],
      output: { all: { $from: "steps.last.result.all" } },
    });
    const run = await engine.ended(id);
    assert.deepEqual([run.name, run.state, run.stepStates], ["all of it", "succeeded", { succeeded: 3, skipped: 1 }]);
    assert.deepEqual(run.output.all.map(({ item, at }: Payload) => [item, at]), [["a", 0], ["b", 1], ["c", 2]]);
    const [, each, never] = run.steps;
    assert.deepEqual([each.items.total, each.items.states, never.reason], [3, { succeeded: 3 }, "its condition does not hold"]);
    const { runs } = await engine.call("list_workflows", { state: "succeeded" });
    assert.deepEqual(runs.find((entry: { id: string }) => entry.id === id).steps, { succeeded: 3, skipped: 1 });
  });

  it("refuses what cannot succeed, naming the step, by the tool and by the task", async () => {
    await rig.agent("coordinator");
    await deployed();
    const circle = { steps: [step("a", {}, { needs: ["b"] }), step("b", {}, { needs: ["a"] })] };
    await assert.rejects(engine.start(circle), /circle: a → b → a/);
    await assert.rejects(engine.start({ steps: [{ ...step("a"), action: "fly" }, { ...step("b"), input: { sleepMs: -1 } }, { ...step("c"), type: "pilot" }] }),
      /step \\"a\\": reviewer has no action \\"fly\\".*step \\"b\\": input\/sleepMs must be >= 0.*step \\"c\\": agent type \\"pilot\\" is not deployed/);
    for (const [workflow, reason] of [[circle, /circle: a → b → a/], [{ steps: [{ ...step("a"), action: "fly" }] }, /step "a": reviewer has no action "fly"/]] as const) {
      const { id } = await rig.hub.submit({ type: "coordinator", action: "run_workflow", input: workflow });
      const { error } = await rig.hub.until(id, "failed");
      assert.match(error!.message, reason);
      assert.deepEqual(await tasksOf(id), []);
    }
    assert.equal((await rig.hub.call("POST", "/api/v1/tasks", { type: "coordinator", action: "run_workflow", input: { steps: [{ id: "a" }] } })).status, 422);
  });

  it("cancels what runs and undoes what had succeeded in reverse order, and tells so", async () => {
    await rig.agent("coordinator");
    await deployed();
    const id = await engine.start({ steps: [step("one", {}, undo("undo one")), step("two", {}, { needs: ["one"], ...undo("undo two") }), step("slow", { do: "hang" }, { needs: ["two"] }), step("later", {}, { needs: ["slow"] })] });
    await engine.until(id, ({ steps }) => steps[2].state === "running" && steps[2].taskId !== null);
    await engine.call("cancel_workflow", { id });
    const run = await engine.ended(id);
    assert.deepEqual([run.state, run.steps.map(({ state }: { state: string }) => state)], ["cancelled", ["succeeded", "succeeded", "cancelled", "skipped"]]);
    assert.match(run.error, /undone: one, two/);
    assert.deepEqual(got(), ["one", "two", "slow", "undo two", "undo one"]);
    assert.equal((await rig.hub.task(run.steps[2].taskId)).state, "cancelled");
  });

  it("undoes and tells when a step fails; a retry does again what was undone", async () => {
    await rig.agent("coordinator");
    await deployed();
    const workflow = { steps: [step("keep"), step("one", {}, undo("undo one")), step("bad", { do: "fail" }, { needs: ["keep", "one"] })] };
    const id = await engine.start(workflow);
    const failed = await engine.ended(id);
    assert.deepEqual([failed.state, failed.steps[1].undone.succeeded], ["failed", 1]);
    assert.match((await rig.hub.task(id)).error!.message, /^The workflow failed: step "bad" \(task [0-9a-f-]{36}\) failed: it will not do; undone: one$/);
    agent.work = (task) => work({ ...task, input: { payload: { ...(task.input as { payload: Payload }).payload, do: undefined } } });
    await engine.call("retry_workflow", { id });
    const run = await engine.ended(id);
    assert.deepEqual([run.state, got()], ["succeeded", ["keep", "one", "bad", "undo one", "one", "bad"]]);
  });

  const long = { steps: [
    step("list"), step("each", { ms: 150, item: { $from: "item" } }, { needs: ["list"], parallel: 3, forEach: Array.from({ length: 30 }, (_, n) => n) }), step("last", { all: { $from: "steps.each.result" } }),
  ] };
  async function assertDone(id: string): Promise<void> {
    const run = await engine.ended(id, 90_000);
    assert.equal(run.state, "succeeded", run.error);
    assert.deepEqual((await rig.hub.task(run.steps[2].taskId)).result, { name: "last", all: long.steps.length && Array.from({ length: 30 }, (_, item) => ({ name: "each", ms: 150, item })) });
    const tasks = await tasksOf(id);
    assert.deepEqual([tasks.length, new Set(tasks.map(({ key }) => key)).size, tasks.every(({ state }) => state === "succeeded")], [32, 32, true]);
  }
  const halfway = (id: string) => engine.until(id, ({ steps }) => (steps[1].items?.states.succeeded ?? 0) >= 6);

  it("goes on when its coordinator is killed, with another and with none for a while", async () => {
    const first = await rig.agent("coordinator", 1);
    await deployed();
    const id = await engine.start(long);
    await halfway(id);
    await first.end("SIGKILL");
    await rig.agent("coordinator", 2);
    await assertDone(id);
  });

  it("goes on when the hub, PostgreSQL, the broker, and all of them are killed", async () => {
    await rig.agent("coordinator", 1);
    await deployed();
    for (const victims of [["hub"], ["postgres"], ["rabbitmq"], ["rabbitmq", "postgres", "redis", "etcd", "hub"]]) {
      const id = await engine.start(long);
      await halfway(id);
      await Promise.all(victims.map((name) => (name === "hub" ? rig.hub.stop("SIGKILL") : rig.runner.kill(name))));
      await Promise.all(victims.filter((name) => name !== "hub").map((name) => rig.revive(name)));
      await rig.clients.close();
      if (victims.includes("hub")) await rig.hub.start();
      // The agent of the test keeps no connection alive by itself.
      if (victims.includes("rabbitmq")) {
        await eventually(() => agent.crash().then(() => agent.connect()).then(() => true, () => false), (back) => back, 40_000);
      }
      if (victims.includes("etcd")) {
        await agent.unregister();
        await eventually(() => agent.register().then(() => true, () => false), (back) => back, 40_000);
      }
      await assertDone(id);
    }
    // What was delivered again is worked on again and refused: nothing is left for whoever consumes next.
    const channel = await rig.clients.channel("hub");
    await eventually(async () => (await channel.checkQueue(taskQueue(TYPE))).messageCount + agent.held.size, (left) => left === 0, 30_000);
  }).timeout(300_000);

  it("keeps a coordinator that was paused from disturbing the one that took over", async () => {
    const paused = await rig.agent("coordinator", 1);
    await deployed();
    const id = await engine.start({ steps: [step("one", {}, undo("undo one")), step("slow", { do: "hang" }, { needs: ["one"] }), step("last", {}, { needs: ["slow"] })] });
    await engine.until(id, ({ steps }) => steps[1].state === "running" && steps[1].taskId !== null);
    paused.signal("SIGSTOP");
    await rig.agent("coordinator", 2);
    const other = await eventually(() => rig.hub.task(id), ({ attempts, attempt }) => attempt === 2 && attempts.at(-1)!.agentId === "coordinator-2", 60_000);
    assert.equal(other.state, "active");
    paused.signal("SIGCONT");
    // As long as it takes the paused one to hear that its attempt is another's now.
    await sleep(5_000);
    letGo = true;
    const run = await engine.ended(id, 60_000);
    assert.deepEqual([run.state, got()], ["succeeded", ["one", "slow", "last"]], "neither cancelled nor undone");
  }).timeout(150_000);

  it("settles a run that was cancelled while no coordinator lived", async () => {
    const first = await rig.agent("coordinator", 1);
    await deployed();
    const id = await engine.start({ steps: [step("one", {}, undo("undo one")), step("slow", { do: "hang" }, { needs: ["one"] })] });
    await engine.until(id, ({ steps }) => steps[1].state === "running" && steps[1].taskId !== null);
    await first.end("SIGKILL");
    await engine.call("cancel_workflow", { id });
    await rig.hub.until(id, "cancelled", 30_000);
    await rig.agent("coordinator", 2);
    const run = await engine.until(id, ({ settling, stepStates }) => !settling && stepStates.cancelled === 1, 40_000);
    assert.deepEqual([run.state, got()], ["cancelled", ["one", "slow", "undo one"]]);
    assert.match(run.error, /It was cancelled.*undone: one/);
  });

  it("finishes undoing when its coordinator is killed in the middle of it", async () => {
    const first = await rig.agent("coordinator", 1);
    await deployed();
    const slowUndo = { compensate: { type: TYPE, action: "echo", input: { payload: { name: "undo two", ms: 2_000 } } } };
    const id = await engine.start({ steps: [step("one", {}, undo("undo one")), step("two", {}, { needs: ["one"], ...slowUndo }), step("bad", { do: "fail" }, { needs: ["two"] })] });
    await eventually(got, (names) => names.includes("undo two"), 20_000);
    await first.end("SIGKILL");
    await rig.agent("coordinator", 2);
    const run = await engine.ended(id);
    assert.deepEqual([run.state, got()], ["failed", ["one", "two", "bad", "undo two", "undo one"]]);
  });

  it("starts the same run once for the same key", async () => {
    const key = randomUUID();
    await rig.agent("coordinator");
    await deployed();
    const start = () => engine.call("start_workflow", { workflow: { steps: [step("one")] }, idempotencyKey: key });
    const [first, second] = [await start(), await start()];
    assert.equal(first.id, second.id);
  });
}
