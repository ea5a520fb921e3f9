/** One try of a request at one replica: its bytes to the client as they come, within limits. */
import type { ServerResponse } from "node:http";
import { messageOf } from "../../../kit/errors.ts";
import { Unreached, type CallControl, type CallHandler } from "../backends/http/connection.ts";
import type { ResponseHead } from "../backends/http/response-reader.ts";
import { EventCutter, EventTooLarge, eventOf, messageOfEvent, STREAM_HEADERS } from "../protocol/event-stream.ts";
import type { RequestId } from "../protocol/refusal.ts";
import { judge, judgeMessage, type Outcome, type RpcMessage } from "./answer.ts";

/** What a stream may carry altogether: progress of a long call included. */
const STREAM_LIMIT = 64 * 1024 * 1024;
/** Up to so many bytes a copy costs less than a second piece to write. */
const SMALL = 16 * 1024;
/** Statuses that answers of the protocol come with. */
const PASSED_STATUSES = new Set([200, 400, 404]);

/** Memory for answers that are not whole yet, of all calls together. */
export class AnswerMemory {
  readonly #limit: number;
  #used = 0;

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** @returns false, and takes nothing, when there is not as much */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#limit) return false;
    this.#used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}

export type Rewritten = RpcMessage | null;

export interface AttemptOptions {
  id: RequestId;
  /** Of an answer, and of one event of a stream; bytes. */
  limit: number;
  memory: AnswerMemory;
  /** All answers with 200, as revisions before 2026-07-28 have it. */
  legacy: boolean;
  /** Exchanges what a client must not see as the backend wrote it; null leaves the message as it is. Never rejects. */
  rewrite(message: RpcMessage): Rewritten | Promise<Rewritten>;
}

/** @property begun whether the client has seen something of it already */
export type Tried =
  | { ended: "answered"; outcome: Outcome }
  | { ended: "unreached" | "broken" | "too_large" | "gone"; reason: string; begun: boolean };

class TooLarge extends Error {}
/** The client went, or time is up. */
export class GivenUp extends Error {}

export class Attempt implements CallHandler {
  readonly result: Promise<Tried>;
  readonly #options: AttemptOptions;
  readonly #response: ServerResponse;
  #resolve!: (tried: Tried) => void;
  #control: CallControl | null = null;
  #givenUp = false;
  #status = 0;
  #bytes = 0;
  /** Of {@link AnswerMemory}. */
  #held = 0;
  #chunks: Buffer[] = [];
  #cutter: EventCutter | null = null;
  #outcome: Outcome | null = null;
  /** The last event of a stream, while it is being exchanged. */
  #exchanging: Promise<void> | null = null;

  constructor(response: ServerResponse, options: AttemptOptions) {
    this.#response = response;
    this.#options = options;
    this.result = new Promise((resolve) => { this.#resolve = resolve; });
  }

  giveUp(): void {
    this.#givenUp = true;
    if (this.#control) this.#control.abort(new GivenUp("given up"));
    else this.#end("gone", "given up");
  }

  onStart(control: CallControl): void {
    this.#control = control;
    if (this.#givenUp) control.abort(new GivenUp("given up"));
  }

  onHead({ status, type, length }: ResponseHead): void {
    this.#status = status;
    if (type.startsWith("text/event-stream") && status === 200) {
      this.#cutter = new EventCutter(this.#options.limit);
      this.#response.writeHead(200, STREAM_HEADERS);
    } else if (!type.startsWith("application/json") || !PASSED_STATUSES.has(status)) {
      this.#control!.abort(new Error(`it answered ${status} ${type === "" ? "without a content type" : type}`));
    } else if (length !== null && length > this.#options.limit) {
      this.#control!.abort(new TooLarge(`its answer has ${length} bytes, of ${this.#options.limit} allowed`));
    }
  }

  onData(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (!this.#cutter) {
      if (this.#bytes > this.#options.limit) this.#control!.abort(new TooLarge(`its answer has more than ${this.#options.limit} bytes`));
      else if (!this.#options.memory.take(chunk.length)) this.#control!.abort(new TooLarge("its answer and those of other calls have more bytes together than the hub keeps"));
      else {
        this.#held += chunk.length;
        this.#chunks.push(Buffer.from(chunk));
      }
      return;
    }
    try {
      if (this.#bytes > STREAM_LIMIT) throw new EventTooLarge(`its stream has more than ${STREAM_LIMIT} bytes`);
      for (const event of this.#cutter.take(Buffer.from(chunk))) this.#pass(event);
    } catch (error) {
      this.#control!.abort(error instanceof EventTooLarge ? new TooLarge(error.message) : error as Error);
    }
  }

  onEnd(): void {
    if (this.#cutter) {
      if (this.#outcome === null) return this.#end("broken", "its stream ended without a result");
      return this.#endStream();
    }
    const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    const judged = judge(body, this.#options.id);
    if (!judged) return this.#end("broken", `it answered ${this.#status} without a result`);
    const rewritten = judged.message && this.#options.rewrite(judged.message);
    if (rewritten instanceof Promise) void rewritten.then((message) => this.#answer(message, body, judged.outcome));
    else this.#answer(rewritten, body, judged.outcome);
  }

  #answer(rewritten: Rewritten, body: Buffer, outcome: Outcome): void {
    const payload = rewritten ? Buffer.from(JSON.stringify(rewritten)) : body;
    if (!this.#response.destroyed) {
      this.#response.writeHead(this.#options.legacy ? 200 : this.#status, { "content-type": "application/json", "content-length": payload.length });
      // A text goes to the system together with the headers; latin1 keeps every byte.
      if (payload.length <= SMALL) this.#response.end(payload.toString("latin1"), "latin1");
      else this.#response.end(payload);
    }
    this.#settle({ ended: "answered", outcome: this.#shown(rewritten, outcome) });
  }

  /** A task that the client did not get is none. */
  #shown(rewritten: Rewritten, outcome: Outcome): Outcome {
    return outcome === "task" && rewritten ? judgeMessage(rewritten, this.#options.id)?.outcome ?? outcome : outcome;
  }

  #endStream(): void {
    const end = (): void => {
      this.#response.end();
      this.#settle({ ended: "answered", outcome: this.#outcome! });
    };
    if (this.#exchanging) void this.#exchanging.then(end);
    else end();
  }

  onError(error: Error): void {
    if (this.#givenUp || error instanceof GivenUp) return this.#end("gone", "given up");
    if (error instanceof TooLarge) return this.#end("too_large", error.message);
    // The answer was whole; that the connection broke afterwards is nobody's concern.
    if (this.#outcome !== null) return this.#endStream();
    this.#end(error instanceof Unreached ? "unreached" : "broken", messageOf(error));
  }

  #pass(event: Buffer): void {
    if (this.#outcome !== null) return; // nothing belongs behind the result
    let out: Buffer | string = event;
    if (event.includes("\"result\"") || event.includes("\"error\"")) {
      const message = messageOfEvent(event) as RpcMessage | null;
      const judged = message && judgeMessage(message, this.#options.id);
      if (judged) {
        this.#outcome = judged.outcome;
        const rewritten = this.#options.rewrite(judged.message!);
        if (rewritten instanceof Promise) {
          this.#exchanging = rewritten.then((exchanged) => {
            this.#outcome = this.#shown(exchanged, judged.outcome);
            this.#response.write(exchanged ? eventOf(exchanged) : event);
          });
          return;
        }
        this.#outcome = this.#shown(rewritten, judged.outcome);
        if (rewritten) out = eventOf(rewritten);
      }
    }
    if (this.#response.write(out)) return;
    this.#control!.pause();
    this.#response.once("drain", () => this.#control!.resume());
  }

  #end(ended: Exclude<Tried["ended"], "answered">, reason: string): void {
    this.#settle({ ended, reason, begun: this.#cutter !== null });
  }

  #settle(tried: Tried): void {
    this.#options.memory.give(this.#held);
    this.#held = 0;
    this.#chunks = [];
    this.#resolve(tried);
  }
}
