import assert from "node:assert/strict";
import { z } from "zod";
import { decodeCursor, encodeCursor, isTaskId, newTaskId } from "./task-id.ts";

describe("task ids", () => {
  it("are valid UUIDs of version 7 that begin with the time", () => {
    const id = newTaskId(Date.UTC(2100, 0, 1));
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.ok(z.uuid().safeParse(id).success);
    assert.equal(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16), Date.UTC(2100, 0, 1));
  });

  it("ascend, also when many are made in one millisecond and when the clock goes back", () => {
    const now = Date.UTC(2101, 0, 1);
    const ids = [...Array.from({ length: 10_000 }, () => newTaskId(now)), newTaskId(now - 60_000)];
    assert.deepEqual(ids, ids.toSorted());
    assert.equal(new Set(ids).size, ids.length);
  });

  it("are told from other text", () => {
    assert.ok(isTaskId(newTaskId()));
    for (const text of ["", "1", `${newTaskId()}x`, "../../etc"]) assert.ok(!isTaskId(text), text);
  });
});

describe("page cursors", () => {
  it("carry an id there and back", () => {
    const id = newTaskId();
    assert.equal(decodeCursor(encodeCursor(id)), id);
  });

  it("are refused when made up", () => {
    for (const text of ["", "abc", "!!!!!!!!!!!!!!!!!!!!!!", newTaskId(), `${encodeCursor(newTaskId())}AA`]) assert.equal(decodeCursor(text), null, text);
  });
});
