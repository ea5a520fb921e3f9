/** Connections to one replica that carry calls: a call at a time each, as many as there are calls. A call is written once, whatever happens. */
import { validateHeaderValue } from "node:http";
import { Connection, Unreached, type CallHandler } from "./connection.ts";

export interface CallRequest {
  path: string;
  /** Names and values in turn. */
  headers: readonly string[];
  body: string;
}

export interface ConnectionsOptions {
  connectMs: number;
  /** An idle connection is closed after so long; it must be less than the replica waits. */
  idleMs: number;
}

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
    this.#free().carry(`${head}\r\n`, body, handler);
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

  #free(): Connection {
    const now = performance.now();
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (now < connection.reusableUntil) return connection;
      connection.destroy();
    }
    return this.#connect();
  }

  #connect(): Connection {
    const { connectMs, idleMs } = this.#options;
    const connection = new Connection(this.#host, this.#port, { connectMs, idleMs }, {
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
    const now = performance.now();
    for (const connection of this.#idle.filter(({ reusableUntil }) => reusableUntil <= now)) connection.destroy();
  }
}
