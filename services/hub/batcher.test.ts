import assert from "node:assert/strict";
import { Batcher } from "./batcher.ts";

const turn = (): Promise<void> => new Promise(setImmediate);

describe("natural batching", () => {
  it("sends a lone item at once, and together what arrives meanwhile", async () => {
    const batches: number[][] = [];
    let finish!: () => void;
    const batcher = new Batcher<number, number>({
      maxItems: 100,
      flush: async (items) => {
        batches.push(items);
        await new Promise<void>((resolve) => { finish = resolve; });
        return items.map((item) => item * 10);
      },
    });
    const first = batcher.add(1);
    await turn();
    assert.deepEqual(batches, [[1]]);
    const others = [batcher.add(2), batcher.add(3)];
    assert.equal(batches.length, 1);
    finish();
    assert.equal(await first, 10);
    await turn();
    finish();
    assert.deepEqual(await Promise.all(others), [20, 30]);
    assert.deepEqual(batches, [[1], [2, 3]]);
  });

  it("never makes a batch larger than the limit", async () => {
    const sizes: number[] = [];
    const batcher = new Batcher<number, number>({ maxItems: 4, flush: async (items) => (sizes.push(items.length), items) });
    await Promise.all(Array.from({ length: 10 }, (_, n) => batcher.add(n)));
    assert.deepEqual(sizes, [4, 4, 2]);
  });

  it("waits for company where asked, but not once a batch is full", async () => {
    const batches: number[][] = [];
    const batcher = new Batcher<number, number>({ maxItems: 3, gatherMs: 30, flush: async (items) => (batches.push(items), items) });
    void batcher.add(1);
    await turn();
    await turn();
    void batcher.add(2);
    assert.deepEqual(batches, []);
    await batcher.drained();
    assert.deepEqual(batches, [[1, 2]]);
    const started = performance.now();
    await Promise.all([3, 4, 5].map((n) => batcher.add(n)));
    assert.ok(performance.now() - started < 25);
    assert.deepEqual(batches, [[1, 2], [3, 4, 5]]);
  });

  it("fails the whole batch with the error, and goes on with the next", async () => {
    let broken = true;
    const batcher = new Batcher<number, number>({ maxItems: 2, flush: async (items) => {
      if (broken) throw new Error("database away");
      return items;
    } });
    await assert.rejects(Promise.all([batcher.add(1), batcher.add(2)]), /database away/);
    broken = false;
    assert.equal(await batcher.add(3), 3);
  });

  it("spares the others when one item is the cause", async () => {
    const batcher = new Batcher<string, string>({
      maxItems: 10,
      isolates: () => true,
      flush: async (items) => {
        if (items.includes("bad")) throw new Error("bad item");
        return items;
      },
    });
    const answers = await Promise.allSettled(["a", "bad", "b"].map((item) => batcher.add(item)));
    assert.deepEqual(answers.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
  });

  it("says when nothing is under way any more", async () => {
    let done = false;
    const batcher = new Batcher<number, number>({ maxItems: 1, flush: async (items) => (await turn(), done = true, items) });
    void batcher.add(1);
    await batcher.drained();
    assert.ok(done);
  });
});
