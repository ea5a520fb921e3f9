/** What servers say of their own accord: one stream to each that says anything, whoever listens here. */
import { backoffMs, sleep } from "../../../kit/backoff.ts";
import { messageOf } from "../../../kit/errors.ts";
import type { Logger } from "../../../kit/log.ts";
import { HUB_CALLER, type Credentials } from "../access/delegation.ts";
import { requestOf } from "../backends/ask.ts";
import type { Fleet } from "../backends/fleet.ts";
import type { Capabilities } from "../catalogue/server-offer.ts";
import type { Kind } from "../catalogue/merge.ts";
import { EventCutter, messageOfEvent } from "../protocol/event-stream.ts";
import type { Filter } from "./subscriptions.ts";

export interface UpstreamOptions {
  server: string;
  fleet: Fleet;
  credentials: Credentials;
  /** These lists are not what they were, it says; none where it may have said something that was not heard. */
  onListsChanged(kinds: readonly Kind[]): void;
  onResourceUpdated(uri: string): void;
  log: Logger;
}

const RETRY = { firstMs: 500, maxMs: 30_000 };
/** Servers send a comment each 15 s: a stream that is silent for longer than this is broken. */
const SILENCE_MS = 60_000;
const EVENT_LIMIT = 64 * 1024;
/** Changes come in bursts; a stream is opened anew once for all of them. */
const SETTLE_MS = 50;

const CHANGED = new Map<string, readonly Kind[]>([
  ["notifications/tools/list_changed", ["tools"]], ["notifications/prompts/list_changed", ["prompts"]], ["notifications/resources/list_changed", ["resources", "templates"]],
]);

/** What is worth listening for: nothing, for a server that never says anything. Pure. */
export function wantedOf({ tools, prompts, resources }: Capabilities, uris: readonly string[]): Filter | null {
  const filter: Filter = {
    ...(tools?.listChanged ? { toolsListChanged: true } : {}),
    ...(prompts?.listChanged ? { promptsListChanged: true } : {}),
    ...(resources?.listChanged ? { resourcesListChanged: true } : {}),
    ...(resources?.subscribe && uris.length > 0 ? { resourceSubscriptions: [...uris].sort() } : {}),
  };
  return Object.keys(filter).length > 0 ? filter : null;
}

export class Upstream {
  readonly #options: UpstreamOptions;
  #wanted: Filter | null = null;
  #stream: AbortController | null = null;

  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  /** Listens for this from now on. */
  want(wanted: Filter | null): void {
    if (JSON.stringify(wanted) === JSON.stringify(this.#wanted)) return;
    this.#wanted = wanted;
    this.#stream?.abort();
    this.#stream = null;
    if (!wanted) return;
    this.#stream = new AbortController();
    void this.#keep(wanted, this.#stream.signal);
  }

  close(): void {
    this.want(null);
  }

  async #keep(wanted: Filter, signal: AbortSignal): Promise<void> {
    const { server, log } = this.#options;
    for (let failures = 0; ;) {
      await sleep(failures === 0 ? SETTLE_MS : backoffMs(failures, RETRY), signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.#listen(wanted, signal);
        failures = 1;
      } catch (error) {
        if (signal.aborted) return;
        if (++failures === 1) log.debug({ server, reason: messageOf(error) }, "a server's changes cannot be followed; its lists are read when they are old");
      }
      // What it said meanwhile was not heard.
      if (!signal.aborted) this.#options.onListsChanged([]);
    }
  }

  /** Resolves when the stream ends. */
  async #listen(notifications: Filter, signal: AbortSignal): Promise<void> {
    const { server, fleet, credentials } = this.#options;
    const replica = fleet.pick(server, []);
    if (!replica) throw new Error("no replica");
    const request = requestOf("subscriptions/listen", { notifications }, { authorization: credentials(HUB_CALLER, server) });
    const response = await replica.pool.request({ ...request, signal, bodyTimeout: SILENCE_MS });
    if (response.statusCode !== 200 || !String(response.headers["content-type"]).startsWith("text/event-stream")) {
      await response.body.dump().catch(() => undefined);
      throw new Error(`it answered ${response.statusCode}`);
    }
    const cutter = new EventCutter(EVENT_LIMIT);
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      for (const event of cutter.take(chunk)) this.#take(messageOfEvent(event));
    }
  }

  #take(message: Record<string, unknown> | null): void {
    const method = message?.["method"];
    if (typeof method !== "string") return;
    const kinds = CHANGED.get(method);
    if (kinds) this.#options.onListsChanged(kinds);
    const uri = (message!["params"] as { uri?: unknown } | null | undefined)?.uri;
    if (method === "notifications/resources/updated" && typeof uri === "string") this.#options.onResourceUpdated(uri);
  }
}
