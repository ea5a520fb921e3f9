import assert from "node:assert/strict";
import { callAction } from "../../../kit/testing.ts";
import { defaults } from "../deps.ts";
import { tallyWords } from "./tally-words.ts";

describe("tally_words", () => {
  it("counts over all texts, most frequent first", async () => {
    const output = await callAction(tallyWords, defaults, { texts: ["Pool, pool and loan.", "A loan; no POOL"] });
    assert.deepEqual(output.words.slice(0, 3), [{ word: "pool", count: 3, texts: 2 }, { word: "loan", count: 2, texts: 2 }, { word: "a", count: 1, texts: 1 }]);
    assert.equal(output.total, 8);
  });

  it("leaves out rare words, but counts them in the total", async () => {
    assert.deepEqual(await callAction(tallyWords, defaults, { texts: ["b a b"], minCount: 2 }), { words: [{ word: "b", count: 2, texts: 1 }], total: 3 });
  });

  it("shows its progress", async () => {
    const seen: number[] = [];
    await callAction(tallyWords, defaults, { texts: ["a", "b", "c", "d"] }, { onProgress: (fraction) => seen.push(fraction) });
    assert.deepEqual(seen, [0, 0.25, 0.5, 0.75]);
  });

  it("ends in the middle of a text when it is cancelled", async () => {
    const controller = new AbortController();
    const running = callAction(tallyWords, { batchWords: 10 }, { texts: ["word ".repeat(1_000_000)] }, { signal: controller.signal });
    controller.abort(new Error("cancelled"));
    await assert.rejects(running, /cancelled/);
  });

  it("refuses texts without words, saying what to give", async () => {
    await assert.rejects(callAction(tallyWords, defaults, { texts: ["…"] }), /at least one word/);
  });
});
