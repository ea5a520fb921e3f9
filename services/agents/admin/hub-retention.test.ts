import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { hubRetention } from "./hub-retention.ts";

describe("hubRetention", () => {
  let answer: { status: number; body: unknown };
  let seen: { request: IncomingMessage; body: string };
  let url: string;
  const server = createServer((request, response) => void text(request).then((body) => {
    seen = { request, body };
    response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
  }));
  before((done) => {
    server.listen(0, "127.0.0.1", () => {
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      done();
    });
  });
  after((done) => {
    server.closeAllConnections();
    server.close(done);
  });
  const apply = (hub = url) => hubRetention(hub, "a-token").apply({ finishedOlderThanDays: 2, dryRun: true }, new AbortController().signal);

  it("asks the hub with the agent's token and reads its answer", async () => {
    answer = { status: 200, body: { dryRun: true, finishedBefore: "2026-01-01T00:00:00.000Z", tasks: 1, byState: { dead: 1 } } };
    assert.deepEqual(await apply(), answer.body);
    assert.deepEqual([seen.request.method, seen.request.url, seen.request.headers.authorization, seen.body],
      ["POST", "/api/v1/retention", "Bearer a-token", '{"finishedOlderThanDays":2,"dryRun":true}']);
  });
  it("tells a refusal, which is final, from a hub that is away", async () => {
    answer = { status: 403, body: { title: "Forbidden", status: 403, detail: "only an admin deletes tasks" } };
    await assert.rejects(apply(), { name: "UserFault", message: "only an admin deletes tasks" });
    answer = { status: 503, body: {} };
    await assert.rejects(apply(), { name: "Unavailable", message: /answered 503/ });
    await assert.rejects(apply("http://127.0.0.1:1"), { name: "Unavailable", message: /did not answer/ });
  });
});
