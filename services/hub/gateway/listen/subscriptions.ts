/** `subscriptions/listen`: open streams of clients, and what is told on them. */
import type { ServerResponse } from "node:http";
import { SERVER_INFO_META_KEY, SUBSCRIPTION_ID_META_KEY } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { TokenClaims } from "../../../../contract/access.ts";
import { SERVER_INFO } from "../catalogue/lists.ts";
import type { Kind } from "../catalogue/merge.ts";
import { eventOf, STREAM_HEADERS } from "../protocol/event-stream.ts";
import { errorText, INTERNAL_ERROR, INVALID_PARAMS, type RequestId } from "../protocol/refusal.ts";
import { send } from "../relay/relay.ts";

const KEEP_ALIVE_MS = 15_000;
const STREAMS = 1_024;
/** Of one caller, so that nobody uses up what is for all. */
const STREAMS_A_CALLER = 64;
/** A reader that has fallen this far behind is let go; it lists again when it comes back. */
const BACKLOG_BYTES = 256 * 1024;
const URIS = 256;

export const Filter = z.object({
  toolsListChanged: z.boolean().optional(),
  promptsListChanged: z.boolean().optional(),
  resourcesListChanged: z.boolean().optional(),
  resourceSubscriptions: z.array(z.string().max(2_048)).max(URIS).optional(),
});
export type Filter = z.output<typeof Filter>;

const CHANGES: Record<Kind, { filter: keyof Filter; method: string }> = {
  tools: { filter: "toolsListChanged", method: "notifications/tools/list_changed" },
  prompts: { filter: "promptsListChanged", method: "notifications/prompts/list_changed" },
  resources: { filter: "resourcesListChanged", method: "notifications/resources/list_changed" },
  templates: { filter: "resourcesListChanged", method: "notifications/resources/list_changed" },
};

interface Stream {
  id: RequestId;
  caller: string;
  filter: Filter;
  response: ServerResponse;
}

export class Subscriptions {
  readonly #open = new Set<Stream>();
  readonly #keepAlive: NodeJS.Timeout;
  readonly #onWanted: () => void;

  /** @param onWanted told when other resources are subscribed to than before */
  constructor(onWanted: () => void = () => undefined) {
    this.#onWanted = onWanted;
    this.#keepAlive = setInterval(() => { for (const { response } of this.#open) response.write(": alive\n\n"); }, KEEP_ALIVE_MS);
    this.#keepAlive.unref();
  }

  get streams(): number {
    return this.#open.size;
  }

  /** URIs that anybody wants to hear of. */
  get wanted(): ReadonlySet<string> {
    return new Set([...this.#open].flatMap(({ filter }) => filter.resourceSubscriptions ?? []));
  }

  /** @param allows whether the caller may hear of a resource; those it may not are left out of what is acknowledged */
  serve(id: RequestId, params: Record<string, unknown>, caller: TokenClaims, response: ServerResponse, allows: (uri: string) => boolean): void {
    const parsed = Filter.safeParse(params["notifications"]);
    if (!parsed.success) return send(response, errorText(id, { code: INVALID_PARAMS, message: "Invalid params: 'notifications' is required and must be a valid SubscriptionFilter" }));
    const own = [...this.#open].filter((stream) => stream.caller === caller.sub).length;
    if (this.#open.size >= STREAMS || own >= STREAMS_A_CALLER) {
      return send(response, errorText(id, { code: INTERNAL_ERROR, message: `Subscription limit reached: ${STREAMS_A_CALLER} streams a caller, ${STREAMS} together.` }));
    }
    const filter = honored({ ...parsed.data, resourceSubscriptions: parsed.data.resourceSubscriptions?.filter(allows) });
    const stream: Stream = { id, caller: caller.sub, filter, response };
    response.writeHead(200, STREAM_HEADERS);
    this.#tell(stream, "notifications/subscriptions/acknowledged", { notifications: filter });
    if (Object.keys(filter).length === 0) return end(stream);
    this.#open.add(stream);
    if (filter.resourceSubscriptions) this.#onWanted();
    response.once("close", () => {
      this.#open.delete(stream);
      if (filter.resourceSubscriptions) this.#onWanted();
    });
  }

  listsChanged(kinds: ReadonlySet<Kind>): void {
    const told = new Map([...kinds].map((kind) => [CHANGES[kind].method, CHANGES[kind].filter]));
    for (const stream of this.#open) for (const [method, filter] of told) if (stream.filter[filter]) this.#tell(stream, method, {});
  }

  resourceUpdated(uri: string): void {
    for (const stream of this.#open) if (stream.filter.resourceSubscriptions?.includes(uri)) this.#tell(stream, "notifications/resources/updated", { uri });
  }

  close(): void {
    clearInterval(this.#keepAlive);
    for (const stream of this.#open) end(stream);
  }

  #tell({ id, response }: Stream, method: string, params: object): void {
    response.write(eventOf({ jsonrpc: "2.0", method, params: { ...params, _meta: { [SUBSCRIPTION_ID_META_KEY]: id } } }));
    if (response.writableLength > BACKLOG_BYTES) response.destroy();
  }
}

/** What is true in the filter: the rest was not asked for. */
function honored(filter: Filter): Filter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : value === true)));
}

/** A graceful end is a normal result. */
function end({ id, response }: Stream): void {
  response.end(eventOf({ jsonrpc: "2.0", id, result: { resultType: "complete", _meta: { [SUBSCRIPTION_ID_META_KEY]: id, [SERVER_INFO_META_KEY]: SERVER_INFO } } }));
}
