/**
 * One HTTP/1.1 response, read from a connection's bytes (RFC 9112). Whatever could be read in two ways is refused: lengths given twice or
 * beside chunks, bare line feeds, folded headers, other codings than chunked.
 */

/** Of the headers, those of interim responses and trailers with them, and of the line before a chunk; bytes. */
const HEAD_LIMIT = 16 * 1024;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\r\n]*)?$/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\r\n\0]*)$/;
const LENGTH = /^\d{1,15}$/;
const CHUNK_LINE = /^([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?$/;
const KEEP_ALIVE_S = /(?:^|[, ])timeout=(\d{1,6})/i;
/** An answer under way when the server closes would be lost: so much earlier a connection is left alone. */
const CLOSE_MARGIN_MS = 1_000;

export interface ResponseHead {
  status: number;
  /** Value of `Content-Type`; empty without. */
  type: string;
  /** Bytes that are announced; null when they are not. */
  length: number | null;
}

export interface ResponseHandler {
  onHead(head: ResponseHead): void;
  /** @param data is overwritten once the call returns */
  onData(data: Buffer): void;
  /** @param reusableMs for so long the connection may carry another request; 0: for none */
  onEnd(reusableMs: number): void;
}

export class BadResponse extends Error { override name = "BadResponse"; }

type Part = "head" | "length" | "chunk line" | "chunk" | "chunk end" | "trailers" | "until closed" | "done";

export class ResponseReader {
  readonly #handler: ResponseHandler;
  #part: Part = "head";
  /** Of a head or line whose end has not come. */
  #rest: Buffer | null = null;
  #headBytes = 0;
  /** Bytes of the body, or of the chunk, that are to come. */
  #left = 0;
  #reusableMs = 0;

  constructor(handler: ResponseHandler) {
    this.#handler = handler;
  }

  /** @throws {BadResponse}, after which nothing of the connection is to be believed */
  push(data: Buffer): void {
    for (let at = 0; at < data.length;) {
      const part = this.#part;
      if (part === "done") throw new BadResponse("it sent more than it announced");
      if (part === "until closed") return this.#handler.onData(data.subarray(at));
      if (part === "length" || part === "chunk") {
        const to = Math.min(data.length, at + this.#left);
        this.#left -= to - at;
        if (this.#left === 0 && part === "chunk") this.#part = "chunk end";
        this.#handler.onData(data.subarray(at, to));
        if (this.#left === 0 && part === "length") this.#end();
        at = to;
      } else {
        at = this.#takeText(data, at, part === "head" ? "\r\n\r\n" : "\r\n");
      }
    }
  }

  /** The connection has ended. @throws {BadResponse} when the response had not */
  finish(): void {
    if (this.#part === "until closed") return this.#end();
    if (this.#part !== "done") throw new BadResponse(this.#part === "head" ? "it closed the connection before it answered" : "it closed the connection in the middle of its answer");
  }

  /** @param mark ends it, and may be cut anywhere. @returns where the rest begins */
  #takeText(data: Buffer, at: number, mark: string): number {
    const known = this.#rest?.length ?? 0;
    const text = this.#rest ? Buffer.concat([this.#rest, data.subarray(at)]) : data.subarray(at);
    const end = text.indexOf(mark, 0, "latin1");
    const bytes = end < 0 ? text.length : end + mark.length;
    if (this.#headBytes + bytes > HEAD_LIMIT) throw new BadResponse(`its headers have more than ${HEAD_LIMIT} bytes`);
    this.#rest = end < 0 ? Buffer.from(text) : null;
    if (end < 0) return data.length;
    if (this.#part === "head" || this.#part === "trailers") this.#headBytes += bytes;
    this.#take(text.toString("latin1", 0, end));
    return at + bytes - known;
  }

  #take(text: string): void {
    if (this.#part === "head") {
      this.#takeHead(text);
    } else if (this.#part === "chunk line") {
      const size = CHUNK_LINE.exec(text)?.[1];
      if (size === undefined) throw new BadResponse("the length of a chunk is none");
      this.#left = Number.parseInt(size, 16);
      this.#part = this.#left === 0 ? "trailers" : "chunk";
    } else if (this.#part === "chunk end") {
      if (text !== "") throw new BadResponse("a chunk is longer than it says");
      this.#part = "chunk line";
    } else if (text === "") {
      this.#end();
    } else if (!HEADER_LINE.test(text)) {
      throw new BadResponse("a trailer is none");
    }
  }

  #takeHead(text: string): void {
    const [first, ...lines] = text.split("\r\n");
    const line = STATUS_LINE.exec(first!);
    if (!line) throw new BadResponse("what it answered is no HTTP/1.1");
    const status = Number(line[2]);
    if (status === 101) throw new BadResponse("it wants another protocol");
    if (status < 200) return; // interim: the response is to come
    const told = headersOf(lines);
    const length = this.#frame(status, told);
    const connection = told.get("connection") ?? "";
    const persistent = line[1] === "1" && this.#part !== "until closed" && !/(?:^|,)[ \t]*close[ \t]*(?:,|$)/i.test(connection);
    const seconds = KEEP_ALIVE_S.exec(told.get("keep-alive") ?? "")?.[1];
    this.#reusableMs = !persistent ? 0 : seconds === undefined ? Infinity : Math.max(0, Number(seconds) * 1_000 - CLOSE_MARGIN_MS);
    this.#handler.onHead({ status, type: told.get("content-type") ?? "", length });
    if (this.#part === "length" && this.#left === 0) this.#end();
  }

  #frame(status: number, told: ReadonlyMap<string, string>): number | null {
    const [length, coding] = [told.get("content-length"), told.get("transfer-encoding")];
    if (coding !== undefined && (length !== undefined || coding.toLowerCase() !== "chunked")) throw new BadResponse("how long its answer is can be read in two ways");
    if (length !== undefined && !LENGTH.test(length)) throw new BadResponse("the length of its answer is none");
    const empty = status === 204 || status === 304;
    this.#part = empty || length !== undefined ? "length" : coding === undefined ? "until closed" : "chunk line";
    this.#left = empty ? 0 : Number(length ?? 0);
    return length === undefined ? null : Number(length);
  }

  #end(): void {
    this.#part = "done";
    this.#handler.onEnd(this.#reusableMs);
  }
}

/** Which say how to read the rest; all others are only looked at. */
const TELLING = new Set(["content-type", "content-length", "transfer-encoding", "connection", "keep-alive"]);
const REPEATABLE = new Set(["connection", "keep-alive"]);

function headersOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const told = new Map<string, string>();
  for (const line of lines) {
    const header = HEADER_LINE.exec(line);
    if (!header) throw new BadResponse("a header of its answer is none");
    const name = header[1]!.toLowerCase();
    if (!TELLING.has(name)) continue;
    const before = told.get(name);
    if (before !== undefined && !REPEATABLE.has(name)) throw new BadResponse(`it says ${name} twice`);
    told.set(name, before === undefined ? header[2]!.trim() : `${before}, ${header[2]!.trim()}`);
  }
  return told;
}
