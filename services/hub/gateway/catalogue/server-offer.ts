/** What one server offers: asked anew when its lists grow old or it says that they changed; kept while it does not answer. */
import { backoffMs, sleep } from "../../../kit/backoff.ts";
import { messageOf } from "../../../kit/errors.ts";
import type { Logger } from "../../../kit/log.ts";
import { HUB_CALLER, type Credentials } from "../access/delegation.ts";
import { ask, askAll, BackendError, type AskOptions } from "../backends/ask.ts";
import type { Fleet } from "../backends/fleet.ts";
import type { Replica } from "../backends/replica.ts";
import type { Kind, Lists } from "./merge.ts";

export interface ServerOfferOptions {
  server: string;
  fleet: Fleet;
  credentials: Credentials;
  onChange(): void;
  /** What the server said of its lists is read: those that listen may be told. */
  onAnnounced(kinds: ReadonlySet<Kind>): void;
  log: Logger;
}

/** As `server/discover` says it, as far as the gateway looks into it. */
export interface Capabilities {
  tools?: { listChanged?: boolean };
  prompts?: { listChanged?: boolean };
  resources?: { listChanged?: boolean; subscribe?: boolean };
  completions?: object;
  extensions?: Record<string, unknown>;
}

const LIST_TIMEOUT_MS = 5_000;
const RETRY = { firstMs: 200, maxMs: 10_000 };
/** Lists are asked for again after their ttl, within these bounds; without one, after the default. */
const TTL = { leastMs: 1_000, defaultMs: 15_000, mostMs: 60_000 };

export class ServerOffer {
  readonly #options: ServerOfferOptions;
  readonly #closing = new AbortController();
  #wake = new AbortController();
  #stale = false;
  #announced = new Set<Kind>();
  #lists: Lists | null = null;
  #fetchedAt = 0;
  #failure: string | null = null;
  #capabilities: Capabilities = {};
  #ttlMs: number = TTL.defaultMs;

  constructor(options: ServerOfferOptions) {
    this.#options = options;
    void this.#keep();
  }

  /** The last good ones; null before the first. */
  get lists(): Lists | null {
    return this.#lists;
  }
  get capabilities(): Capabilities {
    return this.#capabilities;
  }
  get ageMs(): number | null {
    return this.#lists ? Date.now() - this.#fetchedAt : null;
  }
  get failure(): string | null {
    return this.#failure;
  }

  /** Asks now, or right after what is being asked. @param announced lists that the server says have changed */
  refresh(announced: readonly Kind[] = []): void {
    for (const kind of announced) this.#announced.add(kind);
    this.#stale = true;
    this.#wake.abort();
  }

  close(): void {
    this.#closing.abort();
    this.#wake.abort();
  }

  async #keep(): Promise<void> {
    const { server, log } = this.#options;
    let failures = 0;
    while (!this.#closing.signal.aborted) {
      this.#stale = false;
      this.#wake = new AbortController();
      const announced = this.#announced;
      this.#announced = new Set();
      try {
        await this.#fetch();
        if (announced.size > 0) this.#options.onAnnounced(announced);
        if (failures > 0) log.info({ server }, "a server lists what it offers again");
        failures = 0;
        this.#failure = null;
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        failures++;
        for (const kind of announced) this.#announced.add(kind);
        this.#failure = messageOf(error);
        if (failures === 1) log.warn({ server, reason: this.#failure, kept: this.#lists !== null }, "a server does not list what it offers; asking until it does");
      }
      if (!this.#stale) await sleep(failures > 0 ? backoffMs(failures, RETRY) : this.#ttlMs, this.#wake.signal).catch(() => undefined);
    }
  }

  /** From the first replica that answers. @throws when none does */
  async #fetch(): Promise<void> {
    const { server, fleet } = this.#options;
    const tried: Replica[] = [];
    let last: unknown = new Error("all its replicas fail; waiting until one answers a probe");
    for (let replica = fleet.pick(server, tried); replica; replica = fleet.pick(server, tried)) {
      tried.push(replica);
      try {
        await this.#fetchFrom(replica);
        return;
      } catch (error) {
        if (this.#closing.signal.aborted) throw error;
        if (!(error instanceof BackendError)) fleet.failed(server, replica);
        last = error;
      }
    }
    throw last;
  }

  async #fetchFrom(replica: Replica): Promise<void> {
    const authorization = this.#options.credentials(HUB_CALLER, this.#options.server);
    const options = (): AskOptions => ({ authorization, signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(LIST_TIMEOUT_MS)]) });
    // A server that lists its tools and knows nothing else is offered all the same.
    const discovered = ask(replica, "server/discover", {}, options()).then(({ capabilities }) => (capabilities ?? {}) as Capabilities).catch(() => null);
    const { items, ttlMs } = await askAll(replica, "tools/list", "tools", options()).catch((error: unknown) => {
      // A server of prompts and resources alone has no tools/list.
      if (error instanceof BackendError && error.code === -32_601) return { items: [], ttlMs: null };
      throw error;
    });
    this.#ttlMs = Math.min(TTL.mostMs, Math.max(TTL.leastMs, ttlMs === 0 || ttlMs === null ? TTL.defaultMs : ttlMs));
    this.#set({ tools: items });
    const capabilities = await discovered;
    if (capabilities === null) return;
    this.#capabilities = capabilities;
    const rest = async (has: boolean, method: string, field: string): Promise<unknown[] | undefined> =>
      (has ? askAll(replica, method, field, options()).then((list) => list.items, () => undefined) : []);
    const [prompts, resources, templates] = await Promise.all([
      rest(capabilities.prompts !== undefined, "prompts/list", "prompts"),
      rest(capabilities.resources !== undefined, "resources/list", "resources"),
      rest(capabilities.resources !== undefined, "resources/templates/list", "resourceTemplates"),
    ]);
    this.#set({ ...(prompts && { prompts }), ...(resources && { resources }), ...(templates && { templates }) });
  }

  #set(lists: Partial<Lists>): void {
    if (this.#closing.signal.aborted) return;
    this.#lists = { tools: [], prompts: [], resources: [], templates: [], ...this.#lists, ...lists };
    this.#fetchedAt = Date.now();
    this.#options.onChange();
  }
}
