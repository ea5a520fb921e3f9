/** Lists as text, made once for each state of the catalogue: a list is asked for far more often than it changes. */
import { SERVER_INFO_META_KEY } from "@modelcontextprotocol/server";
import { VERSION } from "../../../kit/version.ts";
import type { Era } from "../protocol/inbound.ts";
import type { Entry, Kind, Merged } from "./merge.ts";

export const SERVER_INFO = { name: "mcp-hub", version: VERSION } as const;
/** `_meta` of every result that the hub makes itself, as JSON text. */
export const RESULT_META = `"_meta":${JSON.stringify({ [SERVER_INFO_META_KEY]: SERVER_INFO })}`;

/** A server that comes or goes shows within this time even where nobody listens for changes. */
export const LIST_TTL_MS = 1_000;
/** Different allow-lists whose lists are kept; more are made each time. */
const VIEWS = 100;

const FIELDS: Record<Kind, string> = { tools: "tools", prompts: "prompts", resources: "resources", templates: "resourceTemplates" };

export class Lists {
  readonly #merged: Merged;
  readonly #made = new Map<string, string>();

  constructor(merged: Merged) {
    this.#merged = merged;
  }

  /**
   * The result of a list, as JSON text.
   *
   * @param view names what `allows` lets through; null for everything
   */
  result(kind: Kind, era: Era, view: { key: string; allows(entry: Entry): boolean } | null): string {
    const key = `${kind} ${era} ${view?.key ?? "*"}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const entries = [...this.#merged[kind].values()].filter((entry) => view === null || view.allows(entry));
    const result = listResult(kind, era, entries.map(({ json }) => json), view === null);
    if (this.#made.size < VIEWS) this.#made.set(key, result);
    return result;
  }
}

/** @param shared whether everybody sees the same, so that a cache may keep it for all */
export function listResult(kind: Kind, era: Era, definitions: readonly string[], shared: boolean): string {
  const list = `"${FIELDS[kind]}":[${definitions.join(",")}]`;
  if (era === "legacy") return `{${list}}`;
  return `{"resultType":"complete",${list},"ttlMs":${LIST_TTL_MS},"cacheScope":"${shared ? "public" : "private"}",${RESULT_META}}`;
}
