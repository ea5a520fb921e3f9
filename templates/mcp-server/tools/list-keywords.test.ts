import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { defaults } from "../deps.ts";
import { listKeywords } from "./list-keywords.ts";

const TEXT = "The loan is repaid in the block of the loan. A pool lends; another Pool waits for the LOAN.";

describe("list_keywords", () => {
  it("lists the most frequent words first, whatever their case, without common ones", async () => {
    const { keywords } = await callTool(listKeywords, defaults, { text: TEXT, limit: 4 });
    assert.deepEqual(keywords, [{ word: "loan", count: 3 }, { word: "pool", count: 2 }, { word: "another", count: 1 }, { word: "block", count: 1 }]);
  });

  it("leaves out the words that it is given to leave out", async () => {
    const { keywords } = await callTool(listKeywords, { stopWords: new Set(["loan"]) }, { text: "loan loan pool" });
    assert.deepEqual(keywords, [{ word: "pool", count: 1 }]);
  });

  it("tells the caller what to do about a text of common words only", async () => {
    await assert.rejects(callTool(listKeywords, defaults, { text: "this is it" }), /longer `text`/);
  });
});
