import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { createLogger } from "../kit/log.ts";
import { StoreKeeper } from "./store-keeper.ts";
import type { AccessStore } from "./stores/store.ts";

class FakeStore implements AccessStore {
  readonly name = "redis";
  away = false;
  prepared = false;
  preparations = 0;
  applied = 0;
  closed = false;
  async missing(): Promise<string[]> {
    if (this.away) throw new Error("connection refused");
    return this.prepared ? [] : ["redis: group"];
  }
  async prepare(): Promise<void> {
    this.preparations++;
    this.prepared = true;
  }
  async apply(): Promise<void> {
    this.applied++;
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

describe("a store's keeper", () => {
  const keepers: StoreKeeper[] = [];
  const lines: { level: string; message: string; reason?: string }[] = [];
  const keep = (store: AccessStore): StoreKeeper => {
    lines.length = 0;
    const keeper = new StoreKeeper(store, createLogger("access", "info", { write: (line) => void lines.push(JSON.parse(line)) }));
    keepers.push(keeper);
    return keeper;
  };
  afterEach(() => Promise.all(keepers.splice(0).map((keeper) => keeper.stop())));

  it("prepares a store that lacks the base plan, once", async () => {
    const store = new FakeStore();
    const keeper = keep(store);
    assert.deepEqual(await keeper.check(), []);
    await keeper.check();
    assert.equal(store.preparations, 1);
    assert.equal(keeper.ready, true);
  });

  it("prepares it again when it comes back empty", async () => {
    const store = new FakeStore();
    const keeper = keep(store);
    await keeper.check();
    store.away = true;
    assert.deepEqual(await keeper.check(), ["redis: connection refused"]);
    assert.equal(keeper.ready, false);
    store.away = false;
    store.prepared = false;
    assert.deepEqual(await keeper.check(), []);
    assert.equal(store.preparations, 2);
  });

  it("lets a grant wait for a store that is on its way", async () => {
    const store = new FakeStore();
    store.away = true;
    const keeper = keep(store);
    keeper.start();
    const applying = keeper.apply({ identity: "hub" });
    setTimeout(() => (store.away = false), 50);
    await applying;
    assert.equal(store.applied, 1);
  });

  it("says once that a store is away, with the reason, and once that it is back", async () => {
    const store = new FakeStore();
    store.away = true;
    const keeper = keep(store);
    await keeper.check();
    await keeper.check();
    store.away = false;
    await keeper.check();
    await keeper.check();
    assert.deepEqual(lines.map(({ level, message, reason }) => [level, message, reason]), [
      ["warn", "store is not ready", "connection refused"], ["info", "store is ready", undefined],
    ]);
  });

  it("closes the store when it stops, and lets no grant hang", async () => {
    const store = new FakeStore();
    store.away = true;
    const keeper = keep(store);
    keeper.start();
    const refused = assert.rejects(keeper.apply({ identity: "hub" }), /stopping|not ready/);
    await keeper.stop();
    await refused;
    assert.equal(store.closed, true);
  });
});
