import assert from "node:assert/strict";
import type { Delivery, PublishOptions, SubscribeOptions } from "../../kit/rabbitmq.ts";
import type { TaskChange } from "../tasks/task-change.ts";
import { EventFeed, type LiveEvent } from "./feed.ts";

const change: TaskChange = { id: "t", type: "builder", action: "echo", caller: "user:a", state: "active", attempt: 1, agentId: null, error: null, urgency: 1, createdAt: new Date() };

/** Hubs on one stream. */
class Stream {
  readonly readers = new Set<SubscribeOptions>();
  readonly written: { key: string; body: unknown; options: PublishOptions }[] = [];
  readonly bus = {
    publishes: true,
    publish: async (key: string, body: unknown, options: PublishOptions = {}) => {
      this.written.push({ key, body, options });
      for (const { onDelivery } of this.readers) onDelivery({ body, properties: options, ack: () => undefined } as unknown as Delivery);
    },
    subscribe: (options: SubscribeOptions) => {
      this.readers.add(options);
      return { active: true, whenActive: async () => undefined, cancel: async () => undefined, close: async () => void this.readers.delete(options) };
    },
  };
  feed(shared: boolean, leads = true): EventFeed {
    return new EventFeed({ bus: () => this.bus, shared, leads: () => leads });
  }
}

describe("live events", () => {
  it("reach the listeners of every hub once, whichever made the change", () => {
    const stream = new Stream();
    const [one, two] = [stream.feed(true), stream.feed(true, false)];
    const heard: [LiveEvent[], LiveEvent[]] = [[], []];
    one.subscribe((event) => heard[0].push(event));
    two.subscribe((event) => heard[1].push(event));
    one.taskChanged(change);
    one.flush();
    two.taskChanged({ ...change, state: "succeeded" });
    two.flush();
    for (const events of heard) assert.deepEqual(events.map(({ subject, data }) => [subject, data["state"]]), [["t", "active"], ["t", "succeeded"]]);
    assert.deepEqual(heard[1][0], heard[0][0], "as the other hub said it");
  });

  it("go to the stream many in one message, none left out", () => {
    const stream = new Stream();
    const feed = stream.feed(false);
    for (let n = 0; n < 1_200; n++) feed.taskChanged({ ...change, id: String(n) });
    feed.flush();
    assert.equal(stream.written.length, 3);
    assert.deepEqual(stream.written.flatMap(({ body }) => (body as LiveEvent[]).map(({ subject }) => subject)), Array.from({ length: 1_200 }, (_, n) => String(n)));
    assert.ok(stream.written.every(({ options }) => options.contentType === "application/cloudevents-batch+json"));
  });

  it("are read from the stream only while somebody listens, and never by a hub that is alone", () => {
    const stream = new Stream();
    const alone = stream.feed(false);
    alone.subscribe(() => undefined);
    assert.equal(stream.readers.size, 0);
    const shared = stream.feed(true);
    const ends = [shared.subscribe(() => undefined), shared.subscribe(() => undefined)];
    assert.equal(stream.readers.size, 1);
    ends[0]!();
    assert.equal(stream.readers.size, 1);
    ends[1]!();
    assert.equal(stream.readers.size, 0);
  });

  it("of services stand in the stream once, although every hub sees them", () => {
    const stream = new Stream();
    const entry = { kind: "agent", type: "builder", n: 1, key: "k" } as never;
    for (const leads of [true, false]) {
      const feed = stream.feed(true, leads);
      const heard: LiveEvent[] = [];
      feed.subscribe((event) => heard.push(event));
      feed.serviceChanged({ kind: "added", entry });
      feed.flush();
      assert.equal(heard.length, 1);
    }
    assert.deepEqual(stream.written.map(({ key, body }) => [key, (body as LiveEvent[]).map(({ type }) => type)]), [["events.system.changes", ["mcp.service.changed.v1"]]]);
  });
});
