import assert from "node:assert/strict";
import { graphOf, type Graph } from "../../../../contract/workflow-graph.ts";
import { Workflow } from "../../../../contract/workflow.ts";
import { newProgress, newUnit, type Unit } from "./progress.ts";
import { renew } from "./renew.ts";

const step = (id: string, more: object = {}) => ({ id, type: "t", action: "a", ...more });
const unit = (state: Unit["state"], more: Partial<Unit> = {}): Unit => ({ ...newUnit(), state, taskId: `task ${state}`, ...more });
const undone = { compensation: { state: "succeeded" as const, taskId: "c", error: null } };

function renewed(steps: object[], units: Record<string, Unit & { items?: Unit[] }>) {
  const workflow = Workflow.parse({ steps });
  const progress = newProgress(workflow);
  for (const [id, { items = null, ...of }] of Object.entries(units)) progress[id] = { ...of, items };
  const after = renew(workflow, graphOf(workflow) as Graph, progress);
  const shown = ({ state, round, replay, taskId }: Unit): string => [state, ...(round > 0 ? [`round ${round}`] : []), ...(replay ? ["replay"] : []), ...(taskId ? ["kept"] : [])].join(" ");
  return Object.fromEntries(Object.entries(after).map(([id, of]) => [id, of.items ? [shown(of), ...of.items.map(shown)] : shown(of)]));
}

describe("renew", () => {
  it("gives what failed fresh attempts and lets wait what was skipped; results stand", () => {
    assert.deepEqual(renewed([step("a"), step("b", { needs: ["a"] }), step("c", { needs: ["b"] }), step("d")],
      { a: unit("succeeded"), b: unit("failed"), c: unit("skipped"), d: unit("cancelled") }),
    { a: "succeeded kept", b: "waiting replay", c: "waiting", d: "waiting replay" });
  });
  it("does anew what was undone and what needs it, in another round", () => {
    assert.deepEqual(renewed([step("a"), step("b", { needs: ["a"] }), step("c", { needs: ["b"] }), step("d")],
      { a: unit("succeeded", { ...undone, round: 1 }), b: unit("succeeded"), c: unit("failed"), d: unit("succeeded") }),
    { a: "waiting round 2", b: "waiting round 1", c: "waiting round 1", d: "succeeded kept" });
  });
  it("does anew what could not be undone: nobody knows what is left of it", () => {
    assert.deepEqual(renewed([step("a")], { a: unit("succeeded", { compensation: { state: "failed", taskId: null, error: null } }) }), { a: "waiting round 1" });
  });
  it("keeps the items of a fan-out that had succeeded, unless one was undone", () => {
    const items = [unit("succeeded"), unit("failed"), unit("skipped")];
    assert.deepEqual(renewed([step("a", { forEach: [1, 2, 3] })], { a: { ...unit("failed"), items } }), { a: ["waiting replay", "succeeded kept", "waiting replay", "waiting"] });
    assert.deepEqual(renewed([step("a", { forEach: [1, 2, 3] })], { a: { ...unit("failed"), items: [unit("succeeded", undone), ...items.slice(1)] } }), { a: "waiting round 1" });
  });
  it("leaves a failure that is allowed as it is", () => {
    assert.deepEqual(renewed([step("a", { allowFailure: true }), step("b")], { a: unit("failed"), b: unit("failed") }), { a: "failed kept", b: "waiting replay" });
  });
});
