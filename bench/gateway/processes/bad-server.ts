/** A server that lists its tool like any other and misbehaves when that is called. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { FakeServer, text, type Answer } from "../../../services/hub/gateway/testing/gateway-rig.ts";
import { answering } from "./child.ts";

const HANG_MS = 30_000;
const FLOOD_BYTES = 100 * 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, "x");
const JSON_HEADERS = { "content-type": "application/json" };

const ANSWERS: Record<string, Answer> = {
  async hangs() {
    await sleep(HANG_MS);
    return text("late");
  },
  lies(_seen, response) {
    response.writeHead(200, JSON_HEADERS).end('{"jsonrpc":"2.0","id":1,"res');
    return null;
  },
  async floods(_seen, response) {
    response.writeHead(200, JSON_HEADERS);
    // Whoever has had enough hangs up.
    await pipeline(Readable.from(flood()), response).catch(() => undefined);
    return null;
  },
};

function* flood(): Generator<Buffer> {
  for (let sent = 0; sent < FLOOD_BYTES; sent += CHUNK.length) yield CHUNK;
}

const answer = ANSWERS[process.argv[2] ?? ""];
if (!answer) throw new Error(`one of ${Object.keys(ANSWERS).join(", ")}`);
answering((await new FakeServer(["act"], answer).listen()).port);
