import assert from "node:assert/strict";
import { mock } from "node:test";
import type { Pool } from "pg";
import { silentLog } from "../../kit/testing.ts";
import { Sweeper } from "./sweeper.ts";

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe("the sweeper", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"] }));
  afterEach(() => mock.timers.reset());

  /** An idle database whose rounds end when they are let. */
  function sweeper({ hears = (): boolean => true, broken = (): boolean => false } = {}): { sweeper: Sweeper; rounds: () => number; hearing: number[]; finish: () => Promise<void> } {
    let rounds = 0;
    const hearing: number[] = [];
    let release: () => void = () => undefined;
    const pool = {
      query: async (sql: string, values: number[]) => {
        if (broken()) throw new Error("the database is away");
        if (sql.includes("'silent'")) hearing.push(values[1]!);
        if (!sql.includes("as unsent")) return { rows: [] };
        rounds++;
        await new Promise<void>((resolve) => { release = resolve; });
        return { rows: [{ active: false, expiresInMs: null, unsent: false }] };
      },
    } as unknown as Pool;
    const made = new Sweeper({ pool, leads: () => true, hears, queueDepth: async () => 0, apply: async () => undefined, onRound: () => undefined, log: silentLog });
    return { sweeper: made, rounds: () => rounds, hearing, finish: async () => { release(); await settled(); } };
  }
  const pass = async (ms: number): Promise<void> => { mock.timers.tick(ms); await settled(); };

  it("sleeps for half a minute when there is nothing to do, and wakes within a second when there is", async () => {
    const { sweeper: subject, rounds, finish } = sweeper();
    subject.wake();
    await pass(1_000);
    await finish();
    assert.equal(rounds(), 1);
    await pass(29_000);
    assert.equal(rounds(), 1);
    subject.wake();
    await pass(1_000);
    assert.equal(rounds(), 2);
    await finish();
    await subject.close();
  });

  it("looks again within a second when it was woken while it looked", async () => {
    const { sweeper: subject, rounds, finish } = sweeper();
    subject.wake();
    await pass(1_000);
    subject.wake();
    await finish();
    await pass(1_000);
    assert.equal(rounds(), 2);
    await finish();
    await subject.close();
  });

  it("counts for how long agents could be heard, anew after each outage of the broker or the database", async () => {
    let [hears, broken] = [false, false];
    const { sweeper: subject, hearing, finish } = sweeper({ hears: () => hears, broken: () => broken });
    const round = async (): Promise<void> => {
      subject.wake();
      await pass(1_000);
      await finish();
    };
    await round();
    hears = true;
    for (let rounds = 0; rounds < 3; rounds++) await round();
    hears = false;
    await round();
    hears = true;
    for (let rounds = 0; rounds < 2; rounds++) await round();
    broken = true;
    await round();
    broken = false;
    for (let rounds = 0; rounds < 2; rounds++) await round();
    assert.deepEqual(hearing, [0, 0, 1_000, 2_000, 0, 0, 1_000, 0, 1_000]);
    await subject.close();
  });
});
