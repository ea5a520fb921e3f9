/** What any books must do: run on the tests' own beside them, and on PostgreSQL in test/live. */
import assert from "node:assert/strict";
import type { Books, Found, Outcome, Signature } from "../books/books.ts";

const ACCOUNT = "0xacc0";
const found = (key: string): Found => ({
  key, chainId: 31_337, block: 7, blockHash: "0xb7", account: ACCOUNT, token: "0xa0", pools: ["0xf1", "0xf2"], lender: "balancer-v2", lenderAddress: "0xba",
  amount: (1n << 127n) + 1n, predictedProfit: 10n ** 20n + 7n, predictedGasCost: 5n, mode: "live",
});
const signature = (hash: `0x${string}`, more: Partial<Signature> = {}): Signature => ({
  hash, kind: "trade", nonce: 3, raw: "0x02ff", sentAt: 7, deadlineBlock: 9, mostFeePerGas: 10n ** 19n, fees: { maxFeePerGas: 10n ** 18n + 1n, maxPriorityFeePerGas: 2n }, ...more,
});
const OUTCOME: Outcome = { hash: "0x01", blockNumber: 8, blockHash: "0xb8", gasUsed: 200_000n, gasCost: 10n ** 17n + 1n, profit: 10n ** 20n + 7n };

/** @param open books of their own for each test */
export function booksKeepTheirPromises(open: () => Promise<Books>): void {
  let books: Books;
  beforeEach(async () => { books = await open(); });

  it("give an opportunity's key to the first who asks, among many at once", async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => books.claim(found("k"))));
    assert.equal(ids.filter((id) => id !== null).length, 1);
    assert.equal(await books.claim(found("k")), null);
  });

  it("give consecutive plan ids that the executor can hold", async () => {
    const [one, two] = [(await books.claim(found("a")))!, (await books.claim(found("b")))!];
    assert.equal(two - one, 1n);
    assert.ok(one > 0n && two < 1n << 256n);
  });

  it("tell an open trade as it was written, to the last unit", async () => {
    const planId = (await books.claim(found("k")))!;
    await books.sign("k", signature("0x01"));
    await books.sign("k", signature("0x02", { kind: "cancel", sentAt: 9 }));
    const [trade, ...others] = await books.open(31_337, ACCOUNT);
    assert.equal(others.length, 0);
    const { foundAt, changedAt, ...rest } = trade!;
    assert.deepEqual(rest, { ...found("k"), planId, status: "signed", reason: null, outcome: null, signatures: [signature("0x01"), signature("0x02", { kind: "cancel", sentAt: 9 })] });
    assert.ok(Math.abs(foundAt.getTime() - Date.now()) < 60_000 && changedAt >= foundAt);
    assert.deepEqual([await books.open(1, ACCOUNT), await books.open(31_337, "0xelse")], [[], []]);
  });

  it("take a mined transaction back with its block, and keep what is final", async () => {
    await books.claim(found("k"));
    await books.sign("k", signature("0x01"));
    assert.ok(await books.record("k", "sent"));
    assert.ok(await books.record("k", "mined", { outcome: OUTCOME }));
    assert.deepEqual((await books.open(31_337, ACCOUNT))[0]!.outcome, OUTCOME);
    assert.ok(await books.record("k", "sent", { outcome: null }));
    assert.equal((await books.open(31_337, ACCOUNT))[0]!.outcome, null);
    assert.ok(await books.record("k", "succeeded", { outcome: OUTCOME, reason: "as planned" }));
    assert.equal(await books.record("k", "dropped", { outcome: null }), false);
    assert.equal(await books.record("nobody's", "dropped"), false);
    const [trade] = await books.list({ limit: 5 });
    assert.deepEqual([trade!.status, trade!.reason, trade!.outcome], ["succeeded", "as planned", OUTCOME]);
    assert.deepEqual(await books.open(31_337, ACCOUNT), []);
  });

  it("list the newest first, page by page", async () => {
    const ids: bigint[] = [];
    for (const key of ["a", "b", "c"]) ids.push((await books.claim(found(key)))!);
    assert.deepEqual((await books.list({ limit: 2 })).map(({ key }) => key), ["c", "b"]);
    assert.deepEqual((await books.list({ limit: 2, before: ids[1] })).map(({ key }) => key), ["a"]);
  });

  it("tell what mined transactions have cost, those that reverted too", async () => {
    const since = new Date(Date.now() - 60_000);
    for (const [key, profit] of [["a", OUTCOME.profit], ["b", 0n]] as const) {
      await books.claim(found(key));
      await books.record(key, "mined", { outcome: { ...OUTCOME, profit } });
    }
    await books.claim(found("c"));
    const spendings = await books.spendings(31_337, ACCOUNT, since);
    assert.deepEqual(spendings.map(({ gas, net, reverted }) => ({ gas, net, reverted })), [
      { gas: OUTCOME.gasCost, net: OUTCOME.profit - OUTCOME.gasCost, reverted: false }, { gas: OUTCOME.gasCost, net: -OUTCOME.gasCost, reverted: true },
    ]);
    assert.deepEqual(await books.spendings(31_337, ACCOUNT, new Date(Date.now() + 60_000)), []);
  });

  it("tell one trade by its key, and forget what sent nothing once it is old", async () => {
    const claimed = (await books.claim(found("signed")))!;
    await books.sign("signed", signature("0x01"));
    await books.record("signed", "dropped");
    for (const status of ["rehearsed", "refused"] as const) {
      await books.claim(found(status));
      await books.record(status, status, { reason: "a gate" });
    }
    await books.claim(found("open"));
    assert.deepEqual([(await books.get("refused"))!.reason, await books.get("nobody's")], ["a gate", null]);
    assert.equal(await books.forgetUnsent(new Date(Date.now() - 60_000)), 0);
    assert.equal(await books.forgetUnsent(new Date(Date.now() + 60_000)), 2);
    assert.deepEqual((await books.list({ limit: 9 })).map(({ key }) => key), ["open", "signed"]);
    assert.equal((await books.get("signed"))!.planId, claimed);
    assert.ok((await books.claim(found("rehearsed")))! > claimed + 3n, "an id is given once");
  });
}
