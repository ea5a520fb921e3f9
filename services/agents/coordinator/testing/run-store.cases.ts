/** What every run store promises. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { it } from "mocha";
import { Superseded, type RunStore } from "../store/run-store.ts";
import { newUnit, type Unit } from "../workflow/progress.ts";

export function runStoreCases(store: () => RunStore): void {
  const begun = async (attempt = 1) => {
    const run = { id: randomUUID(), name: "a run", attempt };
    return { ...run, ...(await store().open(run)) };
  };
  const unit = (more: Partial<Unit>): Unit => ({ ...newUnit(), ...more });

  it("gives back what was written, item by item, a result that is null for what it is", async () => {
    const { id, epoch } = await begun();
    const compensation = { state: "failed" as const, taskId: randomUUID(), error: { code: "x", message: "no" } };
    const done = unit({ state: "succeeded", taskId: randomUUID(), round: 2, result: { deep: [1, null, "é"] }, attempts: 3, startedAt: "2026-01-01T00:00:00.000Z", finishedAt: "2026-01-01T00:00:01.000Z", compensation });
    const items = [unit({ state: "succeeded", result: null }), unit({ state: "failed", error: { code: "internal", message: "it broke" }, replay: true })];
    await store().save(id, epoch, [{ step: "a", item: -1, unit: done }, { step: "b", item: -1, unit: unit({ state: "running" }) }, ...items.map((item, index) => ({ step: "b", item: index, unit: item }))]);
    const { progress } = await store().open({ id, name: null, attempt: 1 });
    assert.deepEqual(JSON.parse(JSON.stringify(progress)), JSON.parse(JSON.stringify({ a: { ...done, items: null }, b: { ...unit({ state: "running" }), items } })));
    assert.ok(progress["b"]!.items![0]!.result === null && progress["b"]!.items![1]!.result === undefined);
  });

  it("lets only whoever took the run over last write", async () => {
    const { id, epoch } = await begun();
    const second = await store().open({ id, name: null, attempt: 1 });
    await assert.rejects(store().save(id, epoch, [{ step: "a", item: -1, unit: unit({}) }]), Superseded);
    await assert.rejects(store().save(id, epoch, [], { state: "failed" }), Superseded);
    await store().save(id, second.epoch, [], { state: "running" });
    await store().open({ id, name: null, attempt: 3 });
    await assert.rejects(store().open({ id, name: null, attempt: 2 }), Superseded);
    assert.deepEqual((await store().open({ id, name: null, attempt: 3 })).progress, {}, "what was refused is not there");
  });

  it("hands a run to whoever settles it, with the outcome that it had first", async () => {
    const { id } = await begun(2);
    assert.equal(await store().settle(id, 1, "cancelled", "late word"), null, "a later attempt has it");
    const settling = (await store().settle(id, 2, "cancelled", "by request"))!;
    assert.deepEqual([settling.state, settling.settledBy, settling.outcome, settling.reason], ["settling", "settle", "cancelled", "by request"]);
    const seen = await store().open({ id, name: null, attempt: 3 });
    assert.equal(seen.state, "settling");
    await store().save(id, settling.epoch, [], { state: "cancelled", outcome: "cancelled", reason: "done" });
    assert.deepEqual([await store().state(id), await store().settle(id, 3, "failed", "again")], ["cancelled", null]);
  });

  it("keeps the reason of a run that was settling when its settling is taken over", async () => {
    const { id, epoch } = await begun();
    await store().save(id, epoch, [], { state: "settling", outcome: "failed", settledBy: "run", reason: "step a" });
    const taken = (await store().settle(id, 1, "cancelled", "by request"))!;
    assert.deepEqual([taken.outcome, taken.reason], ["failed", "step a"]);
  });

  it("replaces all units of a run that begins anew", async () => {
    const { id, epoch } = await begun();
    await store().save(id, epoch, [-1, 0, 1].map((item) => ({ step: "a", item, unit: unit({}) })));
    await store().save(id, epoch, [{ step: "a", item: -1, unit: unit({ round: 1 }) }], { state: "running", replaceUnits: true });
    const { progress } = await store().open({ id, name: null, attempt: 1 });
    assert.deepEqual([progress["a"]!.round, progress["a"]!.items], [1, null]);
  });

  it("knows which runs are not finished, and forgets finished ones of old", async () => {
    const [running, done] = [await begun(), await begun()];
    await store().save(done.id, done.epoch, [], { state: "succeeded" });
    const unfinished = await store().unfinished(10_000);
    assert.deepEqual([unfinished.includes(running.id), unfinished.includes(done.id)], [true, false]);
    await store().forget(1);
    assert.equal(await store().state(done.id), "succeeded");
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.ok((await store().forget(0)) >= 1);
    assert.deepEqual([await store().state(done.id), await store().state(running.id)], [null, "running"]);
    assert.equal(await store().state(randomUUID()), null);
  });
}
