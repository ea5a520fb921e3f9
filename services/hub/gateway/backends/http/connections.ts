/**
 * Connections to one replica that carry calls: one call at a time each, as many as there are calls. Undici does the same and much more, at
 * some 0.06 ms a call.
 */
import { validateHeaderValue } from "node:http";
import { connect, type Socket } from "node:net";
import { messageOf } from "../../../../kit/errors.ts";
import { ResponseReader, type ResponseHeaders } from "./response-reader.ts";

export interface CallRequest {
  path: string;
  /** Names and values in turn. */
  headers: readonly string[];
  body: string;
}

/** Steers the answer of a call under way. */
export interface CallControl {
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

export interface CallHandler {
  onStart(control: CallControl): void;
  onHead(status: number, headers: ResponseHeaders): void;
  /** @param data is overwritten once the call returns */
  onData(data: Buffer): void;
  onEnd(): void;
  /** Last of all, like `onEnd`. @param error {@link Unreached} when the replica has seen nothing of the call */
  onError(error: Error): void;
}

/** No connection came about, so nothing of the call was written. */
export class Unreached extends Error { override name = "Unreached"; }

export interface ConnectionsOptions {
  connectMs: number;
  /** An idle connection is closed after so long; it must be less than the replica waits. */
  idleMs: number;
}

/** All reading is synchronous, so one buffer does for all connections. */
const READ = Buffer.allocUnsafeSlow(64 * 1024);

export class Connections {
  readonly #host: string;
  readonly #port: number;
  readonly #options: ConnectionsOptions;
  /** The last used is the first to be used again, so that those which are not needed grow old. */
  readonly #idle: Connection[] = [];
  readonly #open = new Set<Connection>();
  readonly #sweep: NodeJS.Timeout;
  #closing = false;
  #whenEmpty: (() => void) | null = null;

  constructor(host: string, port: number, options: ConnectionsOptions) {
    this.#host = host;
    this.#port = port;
    this.#options = options;
    this.#sweep = setInterval(() => this.#closeOld(), options.idleMs / 4);
    this.#sweep.unref();
  }

  dispatch({ path, headers, body }: CallRequest, handler: CallHandler): void {
    let head = `POST ${path} HTTP/1.1\r\nhost: ${this.#host}:${this.#port}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
    try {
      for (let n = 0; n < headers.length; n += 2) {
        validateHeaderValue(headers[n]!, headers[n + 1]!);
        head += `${headers[n]}: ${headers[n + 1]}\r\n`;
      }
    } catch (error) {
      return handler.onError(error as Error);
    }
    if (this.#closing) return handler.onError(new Unreached("the replica has gone"));
    (this.#idle.pop() ?? this.#connect()).carry(`${head}\r\n`, body, handler);
  }

  /** Calls under way are finished; none is begun. */
  close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#sweep);
    for (const connection of this.#idle.splice(0)) connection.destroy();
    return this.#open.size === 0 ? Promise.resolve() : new Promise((resolve) => { this.#whenEmpty = resolve; });
  }

  /** Calls under way are broken off. */
  destroy(): void {
    for (const connection of this.#open) connection.destroy();
  }

  #connect(): Connection {
    const connection = new Connection(this.#host, this.#port, this.#options.connectMs, {
      onIdle: () => {
        if (this.#closing) connection.destroy();
        else this.#idle.push(connection);
      },
      onGone: () => {
        this.#open.delete(connection);
        const at = this.#idle.indexOf(connection);
        if (at >= 0) this.#idle.splice(at, 1);
        if (this.#open.size === 0) this.#whenEmpty?.();
      },
    });
    this.#open.add(connection);
    return connection;
  }

  #closeOld(): void {
    const before = performance.now() - this.#options.idleMs;
    // Oldest first; each takes itself out.
    while (this.#idle.length > 0 && this.#idle[0]!.idleSince < before) this.#idle[0]!.destroy();
  }
}

class Connection implements CallControl {
  readonly #socket: Socket;
  readonly #events: { onIdle(): void; onGone(): void };
  #connecting: NodeJS.Timeout | null;
  #handler: CallHandler | null = null;
  #reader: ResponseReader | null = null;
  #ended: { reusable: boolean } | null = null;
  #gone = false;
  idleSince = 0;

  constructor(host: string, port: number, connectMs: number, events: { onIdle(): void; onGone(): void }) {
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
      onHead: (status, headers) => this.#handler?.onHead(status, headers),
      onData: (data) => this.#handler?.onData(data),
      onEnd: (reusable) => { this.#ended = { reusable }; },
    });
    handler.onStart(this);
    if (this.#gone) return;
    // Headers are bytes; a body of ASCII alone goes with them in one piece.
    if (Buffer.byteLength(body) === body.length) return void this.#socket.write(head + body, "latin1");
    this.#socket.cork();
    this.#socket.write(head, "latin1");
    this.#socket.write(body, "utf8");
    this.#socket.uncork();
  }

  abort(reason: Error): void {
    this.#fail(reason);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
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
      if (this.#ended && !this.#gone) this.#finish(this.#ended.reusable);
    } catch (error) {
      // What came behind a whole answer costs the connection alone.
      if (this.#ended && !this.#gone) this.#finish(false);
      else this.#fail(error as Error);
    }
  }

  #finish(reusable: boolean): void {
    const handler = this.#handler!;
    this.#handler = this.#reader = this.#ended = null;
    if (reusable) {
      this.#socket.resume();
      this.idleSince = performance.now();
      this.#events.onIdle();
    } else this.destroy();
    handler.onEnd();
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
