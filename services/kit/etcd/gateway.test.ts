import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { EtcdGateway } from "./gateway.ts";

type Answer = { status: number; body: object } | "silence";

describe("a token of etcd", () => {
  let server: Server;
  let logins: number;
  let answers: Answer[];

  beforeEach(async () => {
    logins = 0;
    answers = [];
    server = createServer((request, response) => {
      request.resume();
      if (request.url === "/v3/auth/authenticate") {
        response.end(JSON.stringify({ token: `token-${++logins}` }));
        return;
      }
      const answer = answers.shift() ?? { status: 200, body: { ID: request.headers.authorization } };
      if (answer === "silence") return void request.socket.destroy();
      response.writeHead(answer.status).end(JSON.stringify(answer.body));
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
  });
  afterEach(() => void server.close());

  const gateway = () => new EtcdGateway(`http://user:secret@127.0.0.1:${(server.address() as AddressInfo).port}`);

  for (const [why, body] of [
    ["etcd has restarted", { code: 16, message: "etcdserver: invalid auth token" }],
    ["somebody's rights have changed", { code: 3, message: "etcdserver: revision of auth store is old" }],
  ] as const) {
    it(`is renewed, and the call repeated, when ${why}`, async () => {
      answers = [{ status: 401, body }];
      assert.equal(await gateway().grantLease(15), "token-2");
    });
  }

  it("is not used again after a call that nobody answered", async () => {
    const etcd = gateway();
    assert.equal(await etcd.grantLease(15), "token-1");
    answers = ["silence"];
    await assert.rejects(etcd.grantLease(15));
    assert.equal(await etcd.grantLease(15), "token-2");
  });

  it("is not renewed for a right that is missing", async () => {
    answers = [{ status: 403, body: { code: 7, message: "etcdserver: permission denied" } }];
    await assert.rejects(gateway().grantLease(15), /permission denied/);
    assert.equal(logins, 1);
  });
});

describe("a key that only the first may write", () => {
  it("is asked for as one that nobody has made", async () => {
    let asked: unknown;
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part)).on("end", () => {
        asked = JSON.parse(Buffer.concat(parts).toString());
        response.end(JSON.stringify({ succeeded: true }));
      });
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    try {
      const written = await new EtcdGateway(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).putIfAbsent("/key", "me", "77");
      assert.equal(written, true);
      const [key, value] = ["/key", "me"].map((text) => Buffer.from(text).toString("base64"));
      assert.deepEqual(asked, {
        compare: [{ key, target: "CREATE", result: "EQUAL", create_revision: "0" }], success: [{ requestPut: { key, value, lease: "77" } }],
      });
    } finally {
      server.close();
    }
  });
});
