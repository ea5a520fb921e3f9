import assert from "node:assert/strict";
import fc from "fast-check";
import type { Hex } from "viem";
import type { Receipt } from "../../market/chain/answers.ts";
import { step, type Attempt, type Sight, type Track, type TrackAction } from "./track.ts";

const A: Hex = "0xaa";
const B: Hex = "0xbb";
const BLOCK: Hex = "0xb1";
const FEES = { maxFeePerGas: 100n, maxPriorityFeePerGas: 10n };
const POLICY = { replaceAfterBlocks: 1, dropAfterBlocks: 2, confirmations: 3 };
const attempt = (hash: Hex = A, kind: Attempt["kind"] = "trade", sentAt = 10): Attempt => ({ hash, kind, fees: FEES, sentAt });
const TRACK: Track = { key: "k", nonce: 5, deadlineBlock: 12, attempts: [attempt()], mostFeePerGas: 1_000n, mined: null, unseen: 0 };
const receipt = (hash: Hex = A, blockNumber = 11, succeeded = true, blockHash: Hex = BLOCK): Receipt =>
  ({ hash, blockHash, blockNumber, succeeded, gasUsed: 1n, effectiveGasPrice: 1n, logs: [] });

const sight = (head: number, seen: Record<Hex, "known" | Receipt> = {}, more: Partial<Sight> = {}): Sight => ({
  head, nonce: Object.values(seen).some((what) => what !== "known") ? 6 : 5, heldBehind: false, ...more,
  attempts: new Map(Object.entries(seen).map(([hash, what]) => [hash as Hex, { known: true, receipt: what === "known" ? null : what }])),
});
const kinds = (actions: readonly TrackAction[]): string[] => actions.map((action) => (action.kind === "record" ? action.status : action.kind === "replace" ? `replace with ${action.with}` : action.kind));

/** One sight after the other; what was to be done, and whether it is over. */
function follow(track: Track, ...sights: Sight[]): { track: Track; did: string[][]; done: boolean } {
  const did: string[][] = [];
  let done = false;
  for (const seen of sights) {
    const next = step(track, seen, POLICY);
    track = next.track;
    for (const action of next.actions) {
      if (action.kind === "replace") track = { ...track, attempts: [...track.attempts, { ...attempt(action.with === "cancel" ? "0xcc" : B, action.with, seen.head), fees: action.fees }] };
    }
    did.push(kinds(next.actions));
    ({ done } = next);
  }
  return { track, did, done };
}

describe("a trade that was sent", () => {
  it("is recorded when it is mined, and final when enough blocks lie on top", () => {
    const { did, done } = follow(TRACK, sight(11, { [A]: receipt() }), sight(12, { [A]: receipt() }), sight(13, { [A]: receipt() }));
    assert.deepEqual(did, [["mined"], [], ["succeeded"]]);
    assert.ok(done);
  });

  it("has failed when its transaction reverted", () => {
    assert.deepEqual(follow(TRACK, sight(13, { [A]: receipt(A, 11, false) })).did, [["mined", "failed"]]);
  });

  it("is replaced with higher fees while its plan still holds, and not beyond what it earns", () => {
    const { did, track } = follow(TRACK, sight(10, { [A]: "known" }), sight(11, { [A]: "known" }));
    assert.deepEqual(did, [[], ["replace with trade"]]);
    assert.deepEqual(track.attempts.at(-1)!.fees, { maxFeePerGas: 113n, maxPriorityFeePerGas: 12n });
    assert.deepEqual(follow({ ...TRACK, mostFeePerGas: 112n }, sight(11, { [A]: "known" })).did, [[]]);
  });

  it("takes whichever of its transactions was mined", () => {
    const track = { ...TRACK, attempts: [attempt(A), attempt(B)] };
    const [{ actions }] = [step(track, sight(11, { [A]: receipt(A), [B]: "known" }), POLICY)];
    assert.deepEqual(actions, [{ kind: "record", status: "mined", receipt: receipt(A), attempt: attempt(A) }]);
  });

  it("is sent again, the same bytes, when the node lost it before its deadline", () => {
    assert.deepEqual(step(TRACK, sight(11), POLICY).actions, [{ kind: "send-again", hash: A }]);
  });

  it("is dropped when nobody knows it and its deadline has passed", () => {
    const { did, done } = follow(TRACK, sight(12), sight(13));
    assert.deepEqual(did, [[], ["dropped"]]);
    assert.ok(done);
  });

  it("gives its nonce to a transfer of nothing when it still waits after its deadline", () => {
    const { did } = follow(TRACK, sight(12, { [A]: "known" }), sight(13, { [A]: "known", "0xcc": receipt("0xcc", 13) }), sight(15, { "0xcc": receipt("0xcc", 13) }));
    assert.deepEqual(did, [["replace with cancel"], ["mined"], ["cancelled"]]);
  });

  it("fills its nonce even when it has vanished, if others wait behind it", () => {
    assert.deepEqual(follow(TRACK, sight(12, {}, { heldBehind: true })).did, [["replace with cancel"]]);
  });

  it("waits anew when the block that it was mined in is gone, and is recorded again in another", () => {
    const mined = follow(TRACK, sight(11, { [A]: receipt() })).track;
    assert.deepEqual(follow(mined, sight(11, { [A]: "known" })).did, [["sent", "replace with trade"]]);
    assert.deepEqual(follow(mined, sight(11)).did, [["sent", "send-again"]]);
    assert.deepEqual(follow(mined, sight(13), sight(14)).did, [["sent"], ["dropped"]]);
    assert.deepEqual(follow(mined, sight(12, { [A]: receipt(A, 12, true, "0xb2") })).did, [["mined"]]);
  });

  it("is displaced when its nonce is gone and none of its transactions is found, twice", () => {
    assert.deepEqual(follow(TRACK, sight(11, {}, { nonce: 6 }), sight(12, {}, { nonce: 6 })).did, [[], ["displaced"]]);
  });

  it("never sends a trade after its deadline, and ends within a few blocks whatever the chain shows", () => {
    const what = fc.constantFrom("gone", "known", "mined");
    fc.assert(fc.property(fc.array(what, { maxLength: 8 }), fc.boolean(), (shown, heldBehind) => {
      let track = TRACK;
      let done = false;
      for (let head = 10; head < 40 && !done; head++) {
        const now = shown[head - 10] ?? "mined";
        const last = track.attempts.at(-1)!;
        const next = step(track, sight(head, now === "gone" ? {} : { [last.hash]: now === "known" ? "known" : receipt(last.hash, head) }, { heldBehind }), { ...POLICY, confirmations: 1 });
        for (const action of next.actions) {
          if (action.kind === "send-again") assert.ok(head < track.deadlineBlock || last.kind === "cancel");
          if (action.kind !== "replace") continue;
          assert.ok(action.with === "cancel" || head < track.deadlineBlock);
          next.track = { ...next.track, attempts: [...next.track.attempts, { ...attempt(`0x${head}`, action.with, head), fees: action.fees }] };
        }
        ({ track, done } = next);
      }
      assert.ok(done);
    }), { numRuns: 500 });
  });
});
