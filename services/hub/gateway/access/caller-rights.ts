/** What a token lets its holder see and call through the gateway. Pure. */
import type { TokenClaims } from "../../../../contract/access.ts";
import { mayCallTool } from "../../api/roles.ts";
import type { Entry, ToolEntry } from "../catalogue/merge.ts";

/** Names that a token's allow-list lets through; null where it has none. `key` is the same for the same list. */
export interface View { key: string; allows(entry: Pick<Entry, "server" | "own">): boolean }

const views = new WeakMap<TokenClaims, View>();

export function viewOf(caller: TokenClaims): View | null {
  const { tools } = caller;
  if (tools === undefined) return null;
  let view = views.get(caller);
  if (!view) {
    const names = new Set(tools);
    view = { key: [...names].sort().join(" "), allows: ({ server, own }) => names.has(`${server}.*`) || names.has(`${server}.${own}`) };
    views.set(caller, view);
  }
  return view;
}

/** Why the caller may not use it; null when it may. */
export function refusalOf(caller: TokenClaims, entry: Entry): string | null {
  const view = viewOf(caller);
  if (view && !view.allows(entry)) return `The token of ${caller.sub} is not for ${entry.name}; it is for ${caller.tools!.join(", ") || "nothing"}.`;
  return null;
}

export function toolRefusalOf(caller: TokenClaims, tool: ToolEntry): string | null {
  const refusal = refusalOf(caller, tool);
  if (refusal) return refusal;
  return mayCallTool(caller, tool.readOnly) ? null : `${caller.sub} has the role ${caller.role} and may call only tools that read; ${tool.name} changes something.`;
}
