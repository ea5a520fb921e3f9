/** The catalogue that is served: merged from what each server offered last, with how old that is. */
import type { Logger } from "../../../kit/log.ts";
import { TASKS } from "../../../kit/mcp/task-wire.ts";
import type { Fleet } from "../backends/fleet.ts";
import type { Credentials } from "../access/delegation.ts";
import { Lists } from "./lists.ts";
import { KINDS, merge, type Entry, type Kind, type Merged, type ToolEntry } from "./merge.ts";
import type { Naming } from "./naming.ts";
import { ServerOffer } from "./server-offer.ts";
import { matchesTemplate } from "./uri-template.ts";

export interface CatalogueOptions {
  fleet: Fleet;
  credentials: Credentials;
  naming: Naming;
  /** Lists that are not what they were, or of which a server says so. */
  onChange(kinds: ReadonlySet<Kind>): void;
  /** A server's lists and capabilities were read anew, changed or not. */
  onRead(): void;
  log: Logger;
}

export interface OfferStatus {
  server: string;
  tools: number;
  /** Milliseconds since the server gave the lists that are served; null before the first. */
  ageMs: number | null;
  /** Why they could not be read anew; null when they could. */
  failure: string | null;
}

export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #offers = new Map<string, ServerOffer>();
  #merged: Merged = merge(new Map(), () => "");
  #lists = new Lists(this.#merged);
  #texts = textsOf(this.#merged);
  #merging = false;
  #announced = new Set<Kind>();

  constructor(options: CatalogueOptions) {
    this.#options = options;
  }

  get tools(): ReadonlyMap<string, ToolEntry> {
    return this.#merged.tools;
  }
  get prompts(): ReadonlyMap<string, Entry> {
    return this.#merged.prompts;
  }
  get refused(): Merged["refused"] {
    return this.#merged.refused;
  }
  get lists(): Lists {
    return this.#lists;
  }

  /** Some server makes tasks of long calls. */
  get hasTasks(): boolean {
    for (const { capabilities } of this.#offers.values()) if (capabilities.extensions?.[TASKS] !== undefined) return true;
    return false;
  }

  /** Who has the resource: the server that lists it, or the first whose template may stand for it. */
  resource(uri: string): Entry | null {
    const listed = this.#merged.resources.get(uri);
    if (listed) return listed;
    for (const entry of this.#merged.templates.values()) if (matchesTemplate(entry.name, uri)) return entry;
    return null;
  }

  /** Of a URI template as it is listed, or of a resource. */
  template(uri: string): Entry | null {
    return this.#merged.templates.get(uri) ?? this.resource(uri);
  }

  offer(server: string): ServerOffer | null {
    return this.#offers.get(server) ?? null;
  }

  status(): OfferStatus[] {
    const counts = Map.groupBy(this.#merged.tools.values(), ({ server }) => server);
    return [...this.#offers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([server, { ageMs, failure }]) => ({ server, tools: counts.get(server)?.length ?? 0, ageMs, failure }));
  }

  /** Call it when a server came, went or changed. A server without replicas is gone; one that does not answer is not. */
  serverChanged(server: string): void {
    const known = this.#offers.get(server);
    if (this.#options.fleet.of(server).length === 0) {
      if (!known) return;
      known.close();
      this.#offers.delete(server);
      this.#mergeSoon();
    } else if (known) {
      known.refresh();
    } else {
      const { fleet, credentials, log } = this.#options;
      this.#offers.set(server, new ServerOffer({ server, fleet, credentials, log, onChange: () => this.#mergeSoon(), onAnnounced: (kinds) => {
        for (const kind of kinds) this.#announced.add(kind);
        this.#mergeSoon();
      } }));
    }
  }

  close(): void {
    for (const offer of this.#offers.values()) offer.close();
  }

  /** Thirty servers that come at once are merged once. */
  #mergeSoon(): void {
    if (this.#merging) return;
    this.#merging = true;
    setImmediate(() => {
      this.#merging = false;
      this.#merge();
    });
  }

  #merge(): void {
    const offers = new Map([...this.#offers].flatMap(([server, { lists }]) => (lists ? [[server, lists] as const] : [])));
    const before = new Set(this.#merged.refused.map(({ server, kind, name }) => `${server} ${kind} ${name}`));
    this.#merged = merge(offers, this.#options.naming);
    for (const refused of this.#merged.refused) {
      if (!before.has(`${refused.server} ${refused.kind} ${refused.name}`)) this.#options.log.warn(refused, "a server's entry is not offered");
    }
    const texts = textsOf(this.#merged);
    const changed = new Set(KINDS.filter((kind) => texts[kind] !== this.#texts[kind] || this.#announced.has(kind)));
    this.#announced = new Set();
    this.#lists = new Lists(this.#merged);
    this.#texts = texts;
    if (changed.size > 0) this.#options.onChange(changed);
    this.#options.onRead();
  }
}

const textsOf = (merged: Merged): Record<Kind, string> =>
  Object.fromEntries(KINDS.map((kind) => [kind, [...merged[kind].values()].map(({ json }) => json).join()])) as Record<Kind, string>;
