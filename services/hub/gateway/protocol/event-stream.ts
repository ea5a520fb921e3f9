/** Server-sent events as they pass: cut at their ends, looked into only where the answer may be. */

/** An event grew beyond its limit. */
export class EventTooLarge extends Error {
  override name = "EventTooLarge";
}

const LF = 0x0a;
const CR = 0x0d;

/** Cuts a byte stream into events, each with the empty line that ends it. */
export class EventCutter {
  readonly #limit: number;
  #rest: Buffer = Buffer.alloc(0);

  /** @param limit of one event, bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Events that this chunk completes. @throws {EventTooLarge} */
  take(chunk: Buffer): Buffer[] {
    const events: Buffer[] = [];
    const scanFrom = Math.max(0, this.#rest.length - 3);
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let from = 0;
    for (let at = data.indexOf(LF, scanFrom); at >= 0; at = data.indexOf(LF, at + 1)) {
      // LF LF, or CR LF CR LF.
      const end = data[at + 1] === LF ? at + 2 : data[at + 1] === CR && data[at + 2] === LF ? at + 3 : 0;
      if (end === 0 || end > data.length) continue;
      events.push(data.subarray(from, end));
      from = end;
      at = end - 1;
    }
    this.#rest = data.subarray(from);
    if (this.#rest.length > this.#limit || events.some(({ length }) => length > this.#limit)) throw new EventTooLarge(`an event is larger than ${this.#limit} bytes`);
    return events;
  }
}

/** The message of an event; null for a comment and for what is no JSON. */
export function messageOfEvent(event: Buffer): Record<string, unknown> | null {
  const data = event.toString("utf8").split(/\r?\n/).filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart()).join("\n");
  try {
    const message: unknown = data === "" ? null : JSON.parse(data);
    return typeof message === "object" && message !== null && !Array.isArray(message) ? message as Record<string, unknown> : null;
  } catch {
    return null;
  }
}

export const eventOf = (message: object): string => `event: message\ndata: ${JSON.stringify(message)}\n\n`;

export const STREAM_HEADERS = { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform", "x-accel-buffering": "no" } as const;
