import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { describe, it } from "mocha";
import { gatherWrites } from "./gather-writes.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What reaches the system, one entry a call. */
function sink(highWaterMark?: number): { stream: Writable; calls: string[] } {
  const calls: string[] = [];
  const stream = new Writable({
    highWaterMark,
    write(chunk: Buffer, _encoding, done) { calls.push(chunk.toString()); done(); },
    writev(chunks, done) { calls.push(chunks.map(({ chunk }) => (chunk as Buffer).toString()).join("")); done(); },
  });
  gatherWrites(stream);
  return { stream, calls };
}

describe("gathered writes", () => {
  it("go out together at the end of the turn that made them, in their order", async () => {
    const { stream, calls } = sink();
    for (const frame of ["a", "b", "c"]) stream.write(frame);
    assert.deepEqual(calls, []);
    await turn();
    assert.deepEqual(calls, ["abc"]);
    stream.write("d");
    await turn();
    assert.deepEqual(calls, ["abc", "d"]);
  });

  it("still tell a writer to wait, and when it may go on", async () => {
    const { stream, calls } = sink(4);
    assert.equal(stream.write("ab"), true);
    assert.equal(stream.write("cd"), false);
    await new Promise((resolve) => stream.once("drain", resolve));
    assert.deepEqual(calls, ["abcd"]);
  });

  it("end with what was written last", async () => {
    const { stream, calls } = sink();
    stream.write("last");
    stream.end();
    await new Promise((resolve) => stream.once("finish", resolve));
    assert.deepEqual(calls, ["last"]);
  });
});
