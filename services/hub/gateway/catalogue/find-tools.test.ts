import assert from "node:assert/strict";
import { findTools } from "./find-tools.ts";
import { merge } from "./merge.ts";
import { prefixed } from "./naming.ts";

const tool = (name: string, description: string, properties: object = {}): object => ({ name, description, inputSchema: { type: "object", properties } });
const { tools } = merge(new Map([
  ["toolbox", { tools: [tool("hash_data", "Hashes text or bytes."), tool("convert_units", "Converts an amount of tokens.")], prompts: [], resources: [], templates: [] }],
  ["evm-node", { tools: [tool("get_block", "One block with its transactions."), tool("get_logs", "Logs of a range of blocks.", { fromBlock: {} }), tool("getBalance", "Tokens of an address.")], prompts: [], resources: [], templates: [] }],
]), prefixed);
const names = (query: string, limit = 10): string[] => findTools([...tools.values()], query, limit).found.map(({ name }) => name);

describe("find_tools", () => {
  it("puts a tool whose name has the word before one that only mentions it", () => {
    assert.deepEqual(names("block"), ["evm-node.get_block", "evm-node.get_logs"]);
  });
  it("finds by other forms of a word, by words of a server's name, and through camel case", () => {
    assert.deepEqual(names("hashing"), ["toolbox.hash_data"]);
    assert.deepEqual(names("toolbox units")[0], "toolbox.convert_units");
    assert.deepEqual(names("balance"), ["evm-node.getBalance"]);
  });
  it("finds everything for no words, in order of names, and nothing for a word that nothing has", () => {
    assert.deepEqual(names(""), [...tools.keys()]);
    assert.deepEqual(names("zebra"), []);
  });
  it("says how many there were beyond the limit", () => {
    const { found, total } = findTools([...tools.values()], "", 2);
    assert.deepEqual([found.length, total], [2, 5]);
  });
});
