/** A connection that carries one call after the other. */
import { connect, type Socket } from "node:net";
import { messageOf } from "../../../../kit/errors.ts";
import { ResponseReader, type ResponseHead } from "./response-reader.ts";

/** Steers the answer of a call under way. */
export interface CallControl {
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

export interface CallHandler {
  onStart(control: CallControl): void;
  onHead(head: ResponseHead): void;
  /** @param data is overwritten once the call returns */
  onData(data: Buffer): void;
  onEnd(): void;
  /** Last of all, instead of `onEnd` or because that threw. @param error {@link Unreached} when the replica has seen nothing of the call */
  onError(error: Error): void;
}

/** No connection came about, so nothing of the call was written. */
export class Unreached extends Error { override name = "Unreached"; }

/** All reading is synchronous, so one buffer does for all connections. */
const READ = Buffer.allocUnsafeSlow(64 * 1024);

export class Connection {
  readonly #socket: Socket;
  readonly #events: { onIdle(): void; onGone(): void };
  readonly #idleMs: number;
  #connecting: NodeJS.Timeout | null;
  #handler: CallHandler | null = null;
  #reader: ResponseReader | null = null;
  #ended: { reusableMs: number } | null = null;
  #gone = false;
  /** Milliseconds of `performance.now()`; of an idle one. */
  reusableUntil = 0;

  constructor(host: string, port: number, { connectMs, idleMs }: { connectMs: number; idleMs: number }, events: { onIdle(): void; onGone(): void }) {
    this.#idleMs = idleMs;
    this.#events = events;
    this.#connecting = setTimeout(() => this.#fail(new Error(`it took no connection within ${connectMs} ms`)), connectMs);
    this.#socket = connect({ host, port, noDelay: true, onread: { buffer: READ, callback: (bytes) => this.#read(bytes) } });
    this.#socket.once("connect", () => {
      clearTimeout(this.#connecting!);
      this.#connecting = null;
    });
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("end", () => this.#closed());
    this.#socket.on("close", () => this.#closed());
  }

  carry(head: string, body: string, handler: CallHandler): void {
    this.#handler = handler;
    this.#reader = new ResponseReader({
      // Nobody any more, once the call was aborted.
      onHead: (answer) => this.#handler?.onHead(answer),
      onData: (data) => this.#handler?.onData(data),
      onEnd: (reusableMs) => { this.#ended = { reusableMs }; },
    });
    // The connection may carry another call by the time that this one's client goes.
    const own = (act: () => void): void => { if (this.#handler === handler) act(); };
    handler.onStart({
      abort: (reason) => own(() => this.#fail(reason)),
      pause: () => own(() => this.#socket.pause()),
      resume: () => own(() => this.#socket.resume()),
    });
    if (this.#gone) return;
    // Headers are bytes; a body of ASCII alone goes with them in one piece.
    if (Buffer.byteLength(body) === body.length) return void this.#socket.write(head + body, "latin1");
    this.#socket.cork();
    this.#socket.write(head, "latin1");
    this.#socket.write(body, "utf8");
    this.#socket.uncork();
  }

  destroy(): void {
    this.#fail(new Error("the connection was given up"));
  }

  #read(bytes: number): boolean {
    // An idle one says nothing: whatever this is, it is no answer.
    if (!this.#handler || !this.#reader) return this.#fail(new Error("it spoke without being asked"));
    this.#readBy(this.#reader, (reader) => reader.push(READ.subarray(0, bytes)));
    return !this.#gone;
  }

  #closed(): void {
    if (this.#reader) this.#readBy(this.#reader, (reader) => reader.finish());
    this.#fail(new Error("it closed the connection"));
  }

  #readBy(reader: ResponseReader, read: (reader: ResponseReader) => void): void {
    try {
      read(reader);
      if (this.#ended && !this.#gone) this.#finish(this.#ended.reusableMs);
    } catch (error) {
      // What came behind a whole answer costs the connection alone.
      if (this.#ended && !this.#gone) this.#finish(0);
      else this.#fail(error as Error);
    }
  }

  #finish(reusableMs: number): void {
    const handler = this.#handler!;
    this.#handler = this.#reader = this.#ended = null;
    if (reusableMs === 0) {
      this.destroy();
    } else {
      this.#socket.resume();
      this.reusableUntil = performance.now() + Math.min(reusableMs, this.#idleMs);
      this.#events.onIdle();
    }
    try {
      handler.onEnd();
    } catch (error) {
      handler.onError(error as Error);
    }
  }

  #fail(error: Error): false {
    if (this.#gone) return false;
    this.#gone = true;
    if (this.#connecting) clearTimeout(this.#connecting);
    const handler = this.#handler;
    this.#handler = null;
    this.#socket.destroy();
    this.#events.onGone();
    handler?.onError(this.#connecting ? new Unreached(messageOf(error), { cause: error }) : error);
    return false;
  }
}
