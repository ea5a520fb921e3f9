import assert from "node:assert/strict";
import fc from "fast-check";
import { EventCutter, EventTooLarge, eventOf, messageOfEvent } from "./event-stream.ts";

describe("an event stream in passing", () => {
  const text = `: alive\n\n${eventOf({ id: 1, result: { t: "ü\n\nx" } })}event: message\r\ndata: {"a":\r\ndata: 1}\r\n\r\n`;

  it("is cut into the same events however it arrives", () => {
    const bytes = Buffer.from(text);
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (sizes) => {
      const cutter = new EventCutter(1_000);
      const events: Buffer[] = [];
      for (let at = 0, n = 0; at < bytes.length; n++) {
        const size = sizes[n % sizes.length]!;
        events.push(...cutter.take(bytes.subarray(at, at + size)));
        at += size;
      }
      assert.equal(Buffer.concat(events).toString(), text);
      assert.deepEqual(events.map(messageOfEvent), [null, { id: 1, result: { t: "ü\n\nx" } }, { a: 1 }]);
    }));
  });

  it("has no event beyond the limit, ended or not", () => {
    assert.throws(() => new EventCutter(10).take(Buffer.from("data: 123456789\n\n")), EventTooLarge);
    const cutter = new EventCutter(10);
    assert.throws(() => { for (;;) cutter.take(Buffer.from("xxxx")); }, EventTooLarge);
  });

  it("tells what is no message", () => {
    for (const event of ["data: {\n\n", "data: [1]\n\n", ": x\n\n", "event: x\n\n"]) assert.equal(messageOfEvent(Buffer.from(event)), null);
  });
});
