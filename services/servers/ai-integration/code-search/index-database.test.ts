import assert from "node:assert/strict";
import type { Pool } from "pg";
import { Unavailable, UserFault } from "../../../kit/errors.ts";
import { NothingIndexed, openIndex } from "./index-database.ts";

/** A pool with one connection, on which every statement but the settings fails. */
function failing(error: Error): Pick<Pool, "connect"> & { lent: number } {
  const pool = {
    lent: 0,
    connect: async () => {
      pool.lent++;
      return { query: async (text: string) => { if (!text.startsWith("SET ")) throw error; }, release: () => void pool.lent--, on: () => undefined };
    },
  };
  return pool as unknown as Pick<Pool, "connect"> & { lent: number };
}
const coded = (code: string): Error => Object.assign(new Error(`error ${code}`), { code });
const asked = (error: Error) => openIndex(failing(error)).query("SELECT 1");

describe("openIndex", () => {
  it("calls an index without tables empty, and says how to fill it", async () => {
    await assert.rejects(asked(coded("42P01")), (error) => error instanceof NothingIndexed && /code-indexer index_repository/.test(error.message));
  });
  it("tells a caller how to narrow what took too long", async () => {
    await assert.rejects(asked(coded("57014")), (error) => error instanceof UserFault && /Narrow it/.test(error.message));
  });
  it("tells a server that is away from a statement that is wrong", async () => {
    for (const code of ["ECONNREFUSED", "EPIPE", "57P01", "08006", "28P01"]) await assert.rejects(asked(coded(code)), Unavailable, code);
    await assert.rejects(asked(coded("42601")), (error) => !(error instanceof Unavailable) && !(error instanceof UserFault));
  });
  it("gives its connection back after a failure", async () => {
    const pool = failing(coded("42601"));
    await assert.rejects(openIndex(pool).query("SELECT 1"));
    assert.equal(pool.lent, 0);
  });
  it("calls a pool that cannot connect away", async () => {
    const pool = { connect: async () => { throw coded("ECONNREFUSED"); } } as unknown as Pick<Pool, "connect">;
    await assert.rejects(openIndex(pool).query("SELECT 1"), Unavailable);
  });
});
