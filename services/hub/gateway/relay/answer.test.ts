import assert from "node:assert/strict";
import { judge } from "./answer.ts";
import { AnswerMemory } from "./attempt.ts";

const padding = "x".repeat(100_000);
const outcome = (message: unknown, id: string | number = 7): string | undefined => judge(Buffer.from(typeof message === "string" ? message : JSON.stringify(message)), id)?.outcome;

describe("a backend's answer, judged", () => {
  const rows: [string, unknown, string | undefined][] = [
    ["a result", { jsonrpc: "2.0", id: 7, result: { content: [] } }, "ok"],
    ["a tool's failure", { jsonrpc: "2.0", id: 7, result: { isError: true, content: [] } }, "tool_error"],
    ["a failure that only a text speaks of", { jsonrpc: "2.0", id: 7, result: { content: [{ type: "text", text: '{"isError":true}' }] } }, "ok"],
    ["a failure that only the data speaks of", { jsonrpc: "2.0", id: 7, result: { content: [], structuredContent: { isError: true } } }, "ok"],
    ["an error", { jsonrpc: "2.0", id: 7, error: { code: -32602, message: "no" } }, "protocol_error"],
    ["a question", { jsonrpc: "2.0", id: 7, result: { resultType: "input_required" } }, "input_required"],
    ["a task", { jsonrpc: "2.0", id: 7, result: { resultType: "task" } }, "task"],
    ["a large result", { jsonrpc: "2.0", id: 7, result: { content: [{ type: "text", text: padding }] } }, "ok"],
    ["a tool's large failure", { jsonrpc: "2.0", id: 7, result: { isError: true, content: [{ type: "text", text: padding }] } }, "tool_error"],
    ["an answer to somebody else", { jsonrpc: "2.0", id: 8, result: {} }, undefined],
    ["a large answer to somebody else", { jsonrpc: "2.0", id: 8, result: { text: padding } }, undefined],
    ["a large answer that was cut off", JSON.stringify({ jsonrpc: "2.0", id: 7, result: { text: padding } }).slice(0, -5), undefined],
    ["a page", "<html>", undefined],
    ["a number", "7", undefined],
    ["nothing", "", undefined],
    ["neither result nor error", { jsonrpc: "2.0", id: 7 }, undefined],
    ["an error without a code", { jsonrpc: "2.0", id: 7, error: { message: "x" } }, undefined],
  ];
  for (const [what, message, expected] of rows) it(`is ${expected ?? "none"}: ${what}`, () => assert.equal(outcome(message), expected));
});

describe("memory for answers", () => {
  it("is for all calls together, and free again when an answer has gone", () => {
    const memory = new AnswerMemory(100);
    assert.deepEqual([memory.take(60), memory.take(60), memory.take(40)], [true, false, true]);
    memory.give(60);
    assert.deepEqual([memory.used, memory.take(60)], [40, true]);
  });
});
