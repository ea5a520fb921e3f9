import assert from "node:assert/strict";
import { aRefusal } from "../testing/refusals.ts";
import { countUpTo, liquidityAt, tickTable, wordEnd } from "./tick-table.ts";

describe("a table of ticks", () => {
  const table = tickTable([{ index: -120, liquidityNet: 5n }, { index: 0, liquidityNet: 7n }, { index: 60, liquidityNet: -12n }], 60);

  it("knows the liquidity in range at a tick", () => {
    assert.deepEqual([-121, -120, -1, 0, 59, 60].map((tick) => liquidityAt(table, tick)), [0n, 5n, 5n, 12n, 12n, 0n]);
    assert.deepEqual([-121, -120, 59, 60].map((tick) => countUpTo(table, tick)), [0, 1, 2, 3]);
  });

  it("stops where a word of the contract's bitmap ends", () => {
    assert.deepEqual([0, 255, 256, -1].map((tick) => wordEnd(tick, 1, true)), [0, 0, 256, -256]);
    assert.deepEqual([0, 254, 255, -1, -2].map((tick) => wordEnd(tick, 1, false)), [255, 255, 511, 255, -1]);
    assert.deepEqual([wordEnd(-61, 60, true), wordEnd(-61, 60, false)], [-256 * 60, -60]);
  });

  it("refuses ticks that no pool can have", () => {
    assert.throws(() => tickTable([{ index: 61, liquidityNet: 1n }], 60), aRefusal("invalid_ticks", /tick 61: a multiple of the spacing 60/));
    assert.throws(() => tickTable([{ index: 60, liquidityNet: 1n }, { index: 0, liquidityNet: -1n }], 60), aRefusal("invalid_ticks", /tick 0 after 60/));
    assert.throws(() => tickTable([{ index: 60, liquidityNet: 1n }], 60), aRefusal("invalid_ticks", /add up to 1, not 0: a tick is missing/));
    assert.throws(() => tickTable([{ index: 0, liquidityNet: -1n }], 60), aRefusal("invalid_ticks", /liquidity -1 above tick 0/));
    assert.throws(() => tickTable([], 0), aRefusal("invalid_ticks", /a tick spacing of 0/));
  });
});
