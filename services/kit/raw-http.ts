/** For tests: a client that writes bytes as they are given, and closes no connection that it was not told to close. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Longer than the loop takes to read a packet, so that the next piece is another one. */
const PACKET_MS = 5;

export class RawHttp {
  readonly #port: () => number;
  readonly #sockets: Socket[] = [];

  /** @param port asked for each connection: a test's server has one only once it listens */
  constructor(port: () => number) {
    this.#port = port;
  }

  async open(): Promise<Socket> {
    const socket = connect(this.#port(), "127.0.0.1");
    this.#sockets.push(socket);
    socket.on("error", () => undefined);
    await once(socket, "connect");
    return socket;
  }

  /** Sends each piece as a packet of its own. @returns all that comes until the connection ends: the last request is to say `Connection: close` */
  async talk(...pieces: (string | Buffer)[]): Promise<Buffer> {
    const socket = await this.open();
    const chunks: Buffer[] = [];
    socket.on("data", (data: Buffer) => void chunks.push(data));
    for (const piece of pieces) {
      socket.write(piece);
      await sleep(PACKET_MS);
    }
    if (!socket.closed) await once(socket, "close");
    return Buffer.concat(chunks);
  }

  /** Sends, and reads no further than the first packet of the answer. */
  async first(bytes: string): Promise<string> {
    const socket = await this.open();
    socket.write(bytes);
    return String((await once(socket, "data"))[0]);
  }

  close(): void {
    for (const socket of this.#sockets.splice(0)) socket.destroy();
  }
}

/** A request's line and headers. */
export const head = (line: string, ...headers: string[]): string => [`${line} HTTP/1.1`, "Host: localhost", ...headers, "", ""].join("\r\n");

/** A piece of a body with `Transfer-Encoding: chunked`. */
export const chunk = (bytes: Buffer | string): Buffer => Buffer.concat([Buffer.from(`${Buffer.byteLength(bytes).toString(16)}\r\n`), Buffer.from(bytes), Buffer.from("\r\n")]);
