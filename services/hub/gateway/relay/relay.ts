/** A request on its way through: the replica that takes it, the time it has, and an answer whatever becomes of it. */
import type { ServerResponse } from "node:http";
import type { Fleet } from "../backends/fleet.ts";
import { BULKHEAD, type Replica } from "../backends/replica.ts";
import { eventOf } from "../protocol/event-stream.ts";
import type { Outbound } from "../protocol/outbound.ts";
import { INTERNAL_ERROR, type RequestId } from "../protocol/refusal.ts";
import type { Outcome, RpcMessage } from "./answer.ts";
import { AnswerMemory, Attempt, type Rewritten } from "./attempt.ts";

export interface RelayRequest {
  server: string;
  id: RequestId;
  outbound: Outbound;
  /** A tool's failure is told as a result, so that a model reads it; everything else as an error. */
  isTool: boolean;
  legacy: boolean;
  /** It only reads, or does the same when it is done twice: another replica may be tried even after it was sent. */
  repeatable: boolean;
  /** See {@link AttemptOptions.rewrite}. @param replica `host:port` of the one that answered */
  rewrite(message: RpcMessage, replica: string): Rewritten | Promise<Rewritten>;
}

export interface RelayLimits {
  /** Of the whole call, progress or not; milliseconds. */
  timeoutMs: number;
  responseBytes: number;
}

/** A fifth of what the hub's container has. */
const ANSWERS_BYTES = 64 * 1024 * 1024;
/** Of this process: its memory is one, however many endpoints it has. */
const memory = new AnswerMemory(ANSWERS_BYTES);

/** Resolves when the client has its answer, or has gone. */
export async function relay(fleet: Fleet, request: RelayRequest, response: ServerResponse, { timeoutMs, responseBytes }: RelayLimits): Promise<Outcome> {
  const { server } = request;
  if (fleet.inFlight(server) >= BULKHEAD) return fail("busy", `${server} has ${BULKHEAD} calls under way, which is all it gets. Try again in a moment.`);
  let current: Attempt | null = null;
  let stopped: "timeout" | "cancelled" | null = null;
  const stop = (why: "timeout" | "cancelled"): void => {
    stopped ??= why;
    current?.giveUp();
  };
  // Closing the response stream is how a client cancels.
  const onClose = (): void => { if (!response.writableFinished) stop("cancelled"); };
  response.once("close", onClose);
  const timer = setTimeout(stop, timeoutMs, "timeout");
  const tried: Replica[] = [];
  let maybeDone: { outcome: "broken" | "too_large"; reason: string } | null = null;
  try {
    for (let replica = fleet.pick(server, tried); replica && !stopped; replica = fleet.pick(server, tried)) {
      tried.push(replica);
      const { host } = replica;
      current = new Attempt(response, { id: request.id, limit: responseBytes, memory, legacy: request.legacy, rewrite: (message) => request.rewrite(message, host) });
      replica.inFlight++;
      replica.calls.dispatch({ path: "/mcp", headers: request.outbound.headers, body: request.outbound.body }, current);
      const result = await current.result;
      replica.inFlight--;
      if (result.ended === "answered") {
        replica.breaker.succeeded();
        return result.outcome;
      }
      if (result.ended === "gone") {
        if (stopped === "cancelled") return "cancelled";
        fleet.failed(server, replica);
        return fail("timeout", `${server} did not answer within ${timeoutMs / 1000} s. ${MAY_BE_DONE}`);
      }
      if (result.ended === "too_large") {
        // Whoever asks for too much must not close the server to everybody else.
        maybeDone = { outcome: "too_large", reason: result.reason };
        break;
      }
      fleet.failed(server, replica);
      if (result.ended === "unreached") continue;
      maybeDone = { outcome: "broken", reason: result.reason };
      if (result.begun || !request.repeatable) break;
    }
    if (stopped === "cancelled") return "cancelled";
    if (maybeDone?.outcome === "too_large") return fail("too_large", `${server}: ${maybeDone.reason}. Ask for less at once.`);
    if (maybeDone) return fail("broken", `${server} broke the call off (${maybeDone.reason}). ${request.repeatable ? "It only reads: try again." : MAY_BE_DONE}`);
    return fail("unreachable", `${server} cannot be reached now. ${retryHint(fleet, server)} GET /api/v1/services shows which servers are registered. The tools of other servers work meanwhile.`);
  } finally {
    clearTimeout(timer);
    response.off("close", onClose);
  }

  function fail(outcome: Outcome, text: string): Outcome {
    answer(response, request.isTool ? toolFailure(request.id, text) : { jsonrpc: "2.0", id: request.id, error: { code: INTERNAL_ERROR, message: text } });
    return outcome;
  }
}

const MAY_BE_DONE = "It may have been carried out: look before you repeat a call that changes something.";

export const toolFailure = (id: RequestId, text: string): RpcMessage => ({ jsonrpc: "2.0", id, result: { resultType: "complete", isError: true, content: [{ type: "text", text }] } });

/** As JSON, or as the end of the stream that has begun. */
export function answer(response: ServerResponse, message: object, status = 200): void {
  if (response.destroyed) return;
  if (response.headersSent) return void response.end(eventOf(message));
  send(response, JSON.stringify(message), status);
}

export function send(response: ServerResponse, text: string, status = 200, headers: Record<string, string> = {}): void {
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text), ...headers });
  response.end(text);
}

function retryHint(fleet: Fleet, server: string): string {
  const pauses = fleet.of(server).map(({ breaker }) => breaker.pauseMs);
  const seconds = Math.ceil(Math.min(...pauses) / 1000);
  return pauses.length > 0 && seconds > 0 ? `It failed several times and is left alone for ${seconds} s.` : "Try again in a few seconds;";
}
