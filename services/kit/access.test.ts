import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Access } from "./access.ts";
import { sleep } from "./backoff.ts";
import { silentLog } from "./testing.ts";

describe("access", () => {
  let server: Server;
  let answers: number[];
  let received: unknown[];
  let access: Access;
  beforeEach(async () => {
    answers = [];
    received = [];
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => { body += chunk; });
      request.on("end", () => {
        received.push([request.method, request.url, JSON.parse(body)]);
        response.writeHead(answers.shift() ?? 204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    access = new Access({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, grant: "a.b.c", log: silentLog, backoff: { firstMs: 5, maxMs: 5 }, refusalPauseMs: 50 });
  });
  afterEach(() => {
    access.close();
    server.closeAllConnections();
    server.close();
  });

  it("posts the grant until it is accepted", async () => {
    answers = [503, 503];
    assert.equal(access.applied, false);
    await access.apply();
    assert.equal(access.applied, true);
    assert.deepEqual(received, Array(3).fill(["POST", "/v1/grants", { grant: "a.b.c" }]));
  });

  it("asks once for callers at the same time", async () => {
    await Promise.all([access.apply(), access.apply()]);
    assert.equal(received.length, 1);
  });

  it("posts again when a store refuses us, but not for every refusal", async () => {
    await access.apply();
    access.refused();
    assert.equal(received.length, 1, "a store may lag behind by a moment");
    await sleep(60);
    for (let i = 0; i < 10; i++) access.refused();
    await sleep(30);
    assert.equal(received.length, 2);
  });

  it("ends with close, and needs nothing where there is no grant", async () => {
    answers = Array(1_000).fill(503);
    const applying = access.apply();
    setTimeout(() => access.close(), 20);
    await assert.rejects(applying, { name: "AbortError" });
    const free = new Access({ url: "http://127.0.0.1:1", grant: undefined, log: silentLog });
    await free.apply();
    assert.equal(free.applied, true);
  });
});
