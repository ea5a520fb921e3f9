import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { topicRights } from "./rabbitmq.ts";

describe("topic rights of a grant", () => {
  it("are none where it says nothing, because RabbitMQ takes silence for everything", () => {
    assert.deepEqual(topicRights({ configure: "^$", write: "^mcp\\.topic$", read: "^$" }), { exchange: "mcp.topic", write: "^$", read: "^$" });
  });

  it("are those it says", () => {
    assert.deepEqual(topicRights({ configure: "", write: "", read: "", topic: { write: "^events\\.", read: "^a$" } }),
      { exchange: "mcp.topic", write: "^events\\.", read: "^a$" });
  });
});
