import assert from "node:assert/strict";
import { parseAnswer } from "./ask.ts";

describe("a backend's answer", () => {
  it("is one JSON object", () => {
    assert.deepEqual(parseAnswer('{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}', "application/json")?.result, { tools: [] });
  });

  it("is the last message of an event stream that began with progress", () => {
    const text = 'event: message\ndata: {"method":"notifications/progress"}\n\n: alive\n\nevent: message\ndata: {"id":1,\ndata: "result":{"content":[]}}\n\n';
    assert.deepEqual(parseAnswer(text, "text/event-stream; charset=utf-8")?.result, { content: [] });
  });

  it("is none when the stream broke before the result, or when it is no JSON", () => {
    assert.equal(parseAnswer('data: {"method":"notifications/progress"}\n\n', "text/event-stream"), null);
    assert.equal(parseAnswer("<html>", "text/html"), null);
  });
});
