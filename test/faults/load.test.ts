import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { sleep } from "../../services/kit/backoff.ts";
import { outcomeOf } from "./history.ts";
import { Load } from "./load.ts";
import type { TaskPlan } from "./mix.ts";

const plan: TaskPlan = { type: "builder", action: "echo", priority: "normal", input: { sleepMs: 5 }, poison: false };

describe("the load of the fault suite", () => {
  let server: Server;
  let load: Load;

  const serve = async (listener: RequestListener, perSecond = 200): Promise<void> => {
    server = createServer(listener).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    load = new Load({
      edge: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, callers: [{ name: "user:a", token: "a" }, { name: "user:b", token: "b" }], perSecond, draw: () => plan,
    });
  };
  afterEach(async () => {
    await load.stop();
    server.closeAllConnections();
    server.close();
  });

  it("repeats under the same key and for the same caller what was not answered, and logs one submission", async () => {
    const seen: string[] = [];
    const id = randomUUID();
    await serve(async (request, response) => {
      const body = await json(request) as any;
      seen.push(`${request.headers.authorization} ${body.idempotencyKey} ${body.input.payload} ${body.input.sleepMs}`);
      if (seen.length === 1) request.socket.destroy();
      else if (seen.length === 2) response.writeHead(503).end("{}");
      else if (seen.length === 3) response.writeHead(202, { "content-length": "100" }).end(JSON.stringify({ id: randomUUID() }), () => request.socket.destroy());
      else response.writeHead(200).end(JSON.stringify({ id }));
    });
    assert.equal(await load.submit(plan), id);
    const [attempt] = load.history.attempts;
    const token = attempt!.caller.at(-1);
    assert.deepEqual(seen, Array(4).fill(`Bearer ${token} ${attempt!.idempotencyKey} ${attempt!.idempotencyKey} 5`));
    assert.deepEqual([load.history.attempts.length, attempt!.tries, attempt!.ids], [1, 4, [id]]);
  });

  it("takes no for an answer, and says what it was", async () => {
    await serve((_request, response) => response.writeHead(422).end(JSON.stringify({ detail: "no such type" })));
    await assert.rejects(load.submit(plan), /422 no such type/);
    assert.equal(outcomeOf(load.history.attempts[0]!), "refused");
  });

  it("keeps its pace by the clock, and makes good after an outage what it held up", async () => {
    let away = true;
    await serve((request, response) => {
      if (away) request.socket.destroy();
      else response.writeHead(202).end(JSON.stringify({ id: randomUUID() }));
    }, 400);
    const started = performance.now();
    load.start();
    await sleep(200);
    assert.equal(load.history.acknowledged, 0);
    away = false;
    for (let tries = 0; tries < 200 && load.history.acknowledged < 150; tries++) await sleep(50);
    await load.stop();
    const { acknowledged, attempts } = load.history;
    const due = (performance.now() - started) / 1_000 * 400;
    assert.ok(acknowledged >= 150 && acknowledged <= due + 1, `${acknowledged} acknowledged, ${due} due`);
    const unanswered = attempts.filter((attempt) => outcomeOf(attempt) === "indeterminate");
    assert.ok(unanswered.length < acknowledged / 3, `${unanswered.length} without an answer: only those whose client went away`);
  });
});
