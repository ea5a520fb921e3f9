import assert from "node:assert/strict";
import { noProgress, statusLine, summary, take, type EngineEvent } from "./engine-events.ts";

const URN = "urn:pulumi:dev::mcp::mcp:index:Service$docker:index/container:Container::rabbitmq-container";
const step = (op: string, urn = URN, type = "docker:index/container:Container") => ({ op, urn, type });
const all = (...events: EngineEvent[]) => {
  const progress = noProgress();
  return { progress, lines: events.flatMap((event, at) => take(progress, event, at * 5) ?? []) };
};

describe("engine events", () => {
  it("tell a finished step in one line, with its seconds", () => {
    assert.deepEqual(all({ resourcePreEvent: { metadata: step("create") } }, { resOutputsEvent: { metadata: step("create") } }).lines,
      ["  container rabbitmq created (5 s)"]);
  });

  it("say nothing of what stays as it is, of components and of providers", () => {
    assert.deepEqual(all(
      { resOutputsEvent: { metadata: step("same") } }, { resOutputsEvent: { metadata: step("refresh") } },
      { resOutputsEvent: { metadata: step("create", "urn:pulumi:dev::mcp::mcp:index:Service::x", "mcp:index:Service") } },
      { resOutputsEvent: { metadata: step("create", "urn:x", "pulumi:providers:docker") } },
    ).lines, []);
  });

  it("tell a replacement once", () => {
    assert.deepEqual(all(
      { resOutputsEvent: { metadata: step("delete-replaced") } }, { resOutputsEvent: { metadata: step("replace") } },
      { resOutputsEvent: { metadata: step("create-replacement") } },
    ).lines, ["  container rabbitmq deleted old", "  container rabbitmq replaced"]);
  });

  it("collect each error once, and name the step that failed", () => {
    const error = { diagnosticEvent: { message: "port is taken\n", severity: "error" } };
    const { progress, lines } = all({ resourcePreEvent: { metadata: step("create") } }, { resOpFailedEvent: { metadata: step("create") } }, error, error);
    assert.deepEqual(lines, ["  container rabbitmq FAILED"]);
    assert.deepEqual(progress.errors, ["port is taken"]);
    assert.equal(progress.running.size, 0);
  });

  it("show what takes longest", () => {
    const { progress } = all({ resourcePreEvent: { metadata: step("create") } }, { resourcePreEvent: { metadata: step("create", URN.replace("rabbitmq", "redis")) } });
    assert.equal(statusLine(progress, 12), "[0 done] creating container rabbitmq (12 s) and 1 more");
  });

  it("sum up what has changed", () => {
    assert.equal(summary({ same: 40, create: 2, replace: 1 }), "2 created, 1 replaced, 40 unchanged");
    assert.equal(summary({}), "nothing to do");
  });
});
