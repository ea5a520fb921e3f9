/**
 * One HTTP/1.1 response, read from a connection's bytes (RFC 9112). Whatever could be read in two ways is refused: lengths given twice or
 * beside chunks, bare line feeds, folded headers, other codings than chunked.
 */

/** Of the headers, interim responses' with them; of a chunk's line and of the trailers; bytes. */
const HEAD_LIMIT = 16 * 1024;
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: [^\r\n]*)?$/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\r\n\0]*)$/;
const LENGTH = /^\d{1,15}$/;
const CHUNK_LINE = /^([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?$/;
const END_OF_LINE = "\r\n";
const END_OF_HEAD = "\r\n\r\n";

/** By names in lower case; values of one that comes again are joined by commas. */
export type ResponseHeaders = Record<string, string>;

export interface ResponseHandler {
  onHead(status: number, headers: ResponseHeaders): void;
  /** @param data is overwritten once the call returns */
  onData(data: Buffer): void;
  /** @param reusable whether the connection may carry another request */
  onEnd(reusable: boolean): void;
}

export class BadResponse extends Error { override name = "BadResponse"; }

type Part = "head" | "length" | "chunk line" | "chunk" | "chunk end" | "trailers" | "until closed" | "done";

export class ResponseReader {
  readonly #handler: ResponseHandler;
  #part: Part = "head";
  /** Of a line or head whose end has not come. */
  #rest: Buffer | null = null;
  #headBytes = 0;
  /** Bytes of the body, or of the chunk, that are to come. */
  #left = 0;
  #reusable = false;

  constructor(handler: ResponseHandler) {
    this.#handler = handler;
  }

  /** @throws {BadResponse}, after which nothing of the connection is to be believed; what a handler throws */
  push(data: Buffer): void {
    let at = 0;
    while (at < data.length) {
      switch (this.#part) {
        case "done": throw new BadResponse("it sent more than it announced");
        case "until closed":
          this.#handler.onData(data.subarray(at));
          return;
        case "length":
        case "chunk": {
          const to = Math.min(data.length, at + this.#left);
          this.#left -= to - at;
          const part = data.subarray(at, to);
          at = to;
          if (this.#left === 0 && this.#part === "chunk") this.#part = "chunk end";
          this.#handler.onData(part);
          if (this.#left === 0 && this.#part === "length") this.#end();
          break;
        }
        default: {
          const text = this.#text(data, at, this.#part === "head" ? END_OF_HEAD : END_OF_LINE);
          if (text === null) return;
          at = text.next;
          this.#take(text.text);
        }
      }
    }
  }

  /** The connection has ended. @throws {BadResponse} when the response had not */
  finish(): void {
    if (this.#part === "until closed") return this.#end();
    if (this.#part !== "done") throw new BadResponse(this.#part === "head" ? "it closed the connection before it answered" : "it closed the connection in the middle of its answer");
  }

  #text(data: Buffer, at: number, mark: string): { text: string; next: number } | null {
    const known = this.#rest?.length ?? 0;
    const all = this.#rest ? Buffer.concat([this.#rest, data.subarray(at)]) : data;
    const from = this.#rest ? 0 : at;
    const found = all.indexOf(mark, from, "latin1");
    const bytes = (found < 0 ? all.length : found + mark.length) - from;
    if (this.#headBytes + bytes > HEAD_LIMIT) throw new BadResponse(`its headers have more than ${HEAD_LIMIT} bytes`);
    this.#rest = found < 0 ? Buffer.from(all.subarray(from)) : null;
    if (found < 0) return null;
    if (this.#part === "head" || this.#part === "trailers") this.#headBytes += bytes;
    return { text: all.toString("latin1", from, found), next: at + bytes - known };
  }

  #take(text: string): void {
    switch (this.#part) {
      case "head": return this.#takeHead(text);
      case "chunk line": {
        const size = CHUNK_LINE.exec(text)?.[1];
        if (size === undefined) throw new BadResponse("the length of a chunk is none");
        this.#left = Number.parseInt(size, 16);
        this.#part = this.#left === 0 ? "trailers" : "chunk";
        return;
      }
      case "chunk end":
        if (text !== "") throw new BadResponse("a chunk is longer than it says");
        this.#part = "chunk line";
        return;
      default: // trailers: read and left out
        if (text === "") this.#end();
        else if (!HEADER_LINE.test(text)) throw new BadResponse("a trailer is none");
    }
  }

  #takeHead(text: string): void {
    const [first, ...lines] = text.split(END_OF_LINE);
    const line = STATUS_LINE.exec(first!);
    if (!line || line[2]! < "100") throw new BadResponse("what it answered is no HTTP/1.1");
    const status = Number(line[2]);
    if (status === 101) throw new BadResponse("it wants another protocol");
    if (status < 200) return; // interim: the response is to come
    const headers: ResponseHeaders = Object.create(null) as ResponseHeaders;
    for (const header of lines) {
      const found = HEADER_LINE.exec(header);
      if (!found) throw new BadResponse("a header of its answer is none");
      const name = found[1]!.toLowerCase();
      const before = headers[name];
      const value = found[2]!.trim();
      headers[name] = before === undefined ? value : `${before}, ${value}`;
    }
    this.#frame(status, headers, line[1] === "1");
    this.#handler.onHead(status, headers);
    if (this.#part === "length" && this.#left === 0) this.#end();
  }

  #frame(status: number, headers: ResponseHeaders, persistent: boolean): void {
    const { "content-length": length, "transfer-encoding": coding, connection = "" } = headers;
    this.#reusable = persistent && !/(?:^|,)[ \t]*close[ \t]*(?:,|$)/i.test(connection);
    if (coding !== undefined) {
      if (length !== undefined || coding.toLowerCase() !== "chunked") throw new BadResponse("how long its answer is can be read in two ways");
      this.#part = "chunk line";
    } else if (status === 204 || status === 304) {
      this.#part = "length";
    } else if (length === undefined) {
      this.#reusable = false;
      this.#part = "until closed";
    } else {
      if (!LENGTH.test(length)) throw new BadResponse("the length of its answer is none");
      this.#left = Number(length);
      this.#part = "length";
    }
  }

  #end(): void {
    this.#part = "done";
    this.#handler.onEnd(this.#reusable);
  }
}
