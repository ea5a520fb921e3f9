import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { AttemptEnded } from "../../../kit/agent/attempt.ts";
import { callAction, silentLog } from "../../../kit/testing.ts";
import { settleAbandoned, watchAbandoned } from "../run/over.ts";
import { FakeHub, type Script } from "../testing/fake-hub.ts";
import { runWorkflow } from "./run-workflow.ts";
import { settleWorkflow } from "./settle-workflow.ts";

const step = (id: string, more: object = {}) => ({ id, type: "t", action: id, ...more });
const ok = (result: unknown = {}) => () => ({ result });
const settle = (hub: FakeHub, run: string, options: object = {}) => callAction(settleWorkflow, hub.deps, { run }, options);

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 5_000; !holds(); await new Promise((next) => setTimeout(next, 2))) assert.ok(Date.now() < end, "it never came");
}

/** A run whose step `b` has succeeded and can be undone, while `slow` runs; its agent is gone. */
async function leftBehind(script: Script = {}) {
  const hub = new FakeHub({ a: ok({ id: 1 }), b: ok({ id: 2 }), slow: () => "runs", undo_a: ok(), undo_b: ok(), settle_workflow: () => "runs", ...script });
  const undo = (action: string) => ({ compensate: { type: "t", action, input: { id: { $from: "result.id" } } } });
  const workflow = { steps: [step("a", undo("undo_a")), step("b", { needs: ["a"], ...undo("undo_b") }), step("slow", { needs: ["b"] }), step("later", { needs: ["slow"] })] };
  const id = randomUUID();
  const own = hub.addRun(id, workflow);
  const controller = new AbortController();
  const running = callAction(runWorkflow, hub.deps, workflow, { taskId: id, signal: controller.signal });
  await until(() => hub.calls.includes("submit slow"));
  controller.abort(new AttemptEnded("returned", "The agent is gone."));
  await assert.rejects(running);
  hub.calls.length = 0;
  const units = async () => (await hub.runs.open({ id, name: null, attempt: 9 })).progress;
  return { hub, id, own, workflow, units };
}
const over = (own: object, state: string): void => void Object.assign(own, { state, finishedAt: "2026-01-02T00:00:00.000Z" });

describe("settle_workflow", () => {
  it("cancels what runs, undoes what had succeeded, the last first, and writes down how it ended", async () => {
    const { hub, id, own, units } = await leftBehind();
    over(own, "cancelled");
    assert.deepEqual(await settle(hub, id), { state: "cancelled", undone: ["a", "b"], notUndone: [] });
    assert.deepEqual(hub.calls, ["cancel slow", "submit undo_b", "submit undo_a"]);
    const run = hub.runs.runs.get(id)!;
    assert.deepEqual([run.state, run.reason], ["cancelled", "It was cancelled.; undone: a, b"]);
    const { slow, later } = await units();
    assert.deepEqual([slow!.state, later!.state, later!.reason], ["cancelled", "skipped", "the workflow was cancelled"]);
  });
  it("waits until a run that is told to stop has stopped", async () => {
    const { hub, id, own } = await leftBehind();
    const settling = settle(hub, id);
    await new Promise((next) => setTimeout(next, 30));
    assert.deepEqual(hub.calls, []);
    over(own, "cancelled");
    assert.equal((await settling).state, "cancelled");
  });
  it("leaves a run alone that goes on, that is taken over by a later attempt, that has succeeded, or that never began", async () => {
    const { hub, id, own } = await leftBehind();
    own.state = "pending";
    assert.equal((await settle(hub, id)).state, null);
    over(own, "succeeded");
    assert.equal((await settle(hub, id)).state, null);
    await hub.runs.open({ id, name: null, attempt: 2 });
    over(own, "cancelled");
    assert.equal((await settle(hub, id)).state, null);
    const never = randomUUID();
    hub.addRun(never, { steps: [step("a")] }, "cancelled");
    assert.equal((await settle(hub, never)).state, null);
    assert.deepEqual(hub.calls, []);
    await assert.rejects(settle(hub, randomUUID()), /There is no task/);
    const echo = hub.addRun(randomUUID(), {}, "cancelled");
    echo.request.action = "echo";
    await assert.rejects(settle(hub, echo.id), { name: "UserFault", message: /is no run of a workflow but coordinator's echo/ });
  });
  it("is repeated without harm, also where it was interrupted", async () => {
    const { hub, id, own } = await leftBehind({ undo_b: () => "runs" });
    over(own, "dead");
    const controller = new AbortController();
    const first = settle(hub, id, { signal: controller.signal });
    await until(() => hub.calls.includes("submit undo_b"));
    controller.abort(new AttemptEnded("returned", "The agent is stopping."));
    await assert.rejects(first);
    hub.ended("undo_b", { result: 1 });
    assert.deepEqual(await settle(hub, id), { state: "failed", undone: ["a", "b"], notUndone: [] });
    assert.equal((await settle(hub, id)).state, null, "it is settled");
    assert.deepEqual(hub.calls, ["cancel slow", "submit undo_b", "submit undo_a"]);
  });
  it("believes a step that was done before it could be cancelled", async () => {
    const { hub, id, own, units } = await leftBehind();
    hub.ended("slow", { result: 1 });
    over(own, "cancelled");
    assert.deepEqual((await settle(hub, id)).undone, ["a", "b"]);
    const { slow } = await units();
    assert.deepEqual([slow!.state, slow!.result], ["succeeded", 1]);
  });
});

describe("runs that nobody drives", () => {
  it("are settled once their own task is over, and not before", async () => {
    const { hub, id, own } = await leftBehind();
    assert.deepEqual(await settleAbandoned(hub.deps, silentLog), []);
    over(own, "dead");
    assert.deepEqual(await settleAbandoned(hub.deps, silentLog), [id]);
    await settleAbandoned(hub.deps, silentLog);
    assert.deepEqual(hub.calls, ["submit settle_workflow"], "one task, however many coordinators look");
    await settle(hub, id);
    assert.deepEqual(await settleAbandoned(hub.deps, silentLog), []);
  });
  it("do no harm to the others when their task is gone", async () => {
    const { hub, id, own } = await leftBehind();
    over(own, "failed");
    const gone = randomUUID();
    await hub.runs.open({ id: gone, name: null, attempt: 1 });
    assert.deepEqual(await settleAbandoned(hub.deps, silentLog), [id]);
  });
  it("are looked for again and again, through times when the hub is away, until the agent stops", async () => {
    const { hub, own } = await leftBehind();
    over(own, "dead");
    hub.away = 2;
    const stop = watchAbandoned(hub.deps, silentLog, 3);
    await until(() => hub.calls.includes("submit settle_workflow"));
    stop();
    hub.runs.away = 1_000;
    await new Promise((next) => setTimeout(next, 20));
    const { away } = hub.runs;
    await new Promise((next) => setTimeout(next, 20));
    assert.equal(hub.runs.away, away, "nobody asks any more");
  });
});
