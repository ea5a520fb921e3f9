import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { defaults } from "../deps.ts";
import { measureText } from "./measure-text.ts";

describe("measure_text", () => {
  it("counts characters, words and sentences", async () => {
    assert.deepEqual(await callTool(measureText, defaults, { text: "The café isn't open. Is the café? Yes!" }), {
      characters: 38, words: 8, distinctWords: 6, sentences: 3, readingSeconds: 3,
    });
  });

  it("takes a text without a full stop for one sentence", async () => {
    assert.equal((await callTool(measureText, defaults, { text: "no stop" })).sentences, 1);
  });

  it("tells the caller what to do about a text without words", async () => {
    await assert.rejects(callTool(measureText, defaults, { text: " … " }), /Give at least one word/);
  });
});
