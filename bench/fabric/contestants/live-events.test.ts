import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { EVENT_TYPES } from "../../../contract/bus.ts";
import type { TaskState } from "../../../contract/tasks.ts";
import { endsOf } from "./live-events.ts";

/** The stream as the hub writes it: CloudEvents, structured. */
function streamOf(...changes: [id: string, state: TaskState, caller: string][]): string {
  return changes.map(([subject, state, caller], index) => {
    const type = EVENT_TYPES.taskStateChanged;
    const data = { id: subject, type: "bench", action: "noop", caller, state, attempt: 1, agentId: "bench-1", error: null };
    const event = { specversion: "1.0", id: String(index), source: "/mcp/hub", type, subject, time: new Date().toISOString(), data };
    return `id: ${index}\nevent: ${type}\ndata: ${JSON.stringify(event)}\n\n`;
  }).join("");
}

describe("ends of tasks in the live events", () => {
  it("are those of the caller's own tasks, and no other change", () => {
    const text = streamOf(["1", "pending", "me"], ["1", "active", "me"], ["1", "succeeded", "me"], ["2", "succeeded", "you"], ["3", "dead", "me"]);
    assert.deepEqual(endsOf("me")(text), [{ id: "1", state: "succeeded" }, { id: "3", state: "dead" }]);
  });

  it("are found wherever the stream is cut", () => {
    const text = streamOf(["1", "succeeded", "me"], ["2", "succeeded", "me"]);
    for (let at = 0; at < text.length; at++) {
      const take = endsOf("me");
      const ends = [...take(text.slice(0, at)), ...take(text.slice(at))];
      assert.deepEqual(ends.map(({ id }) => id), ["1", "2"], `cut at ${at}`);
    }
  });
});
