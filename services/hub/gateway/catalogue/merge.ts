/** Everything that all servers offer, under one roof and in one order, whoever asks and whichever hub answers. Pure. */
import { headerParamsOf, type HeaderParam } from "../../../kit/mcp/header-params.ts";
import { CALL_TOOL, FIND_TOOLS, foldName, isServerName, wrongName, type Naming } from "./naming.ts";

/** Lists of a server as it gave them: nothing is known about their entries yet. */
export interface Lists {
  tools: readonly unknown[];
  prompts: readonly unknown[];
  resources: readonly unknown[];
  templates: readonly unknown[];
}

export const KINDS = ["tools", "prompts", "resources", "templates"] as const satisfies (keyof Lists)[];
export type Kind = (typeof KINDS)[number];

export interface Entry {
  /** Public name; of resources the URI, of templates the URI template: both are the server's own. */
  name: string;
  server: string;
  /** As the server knows it. */
  own: string;
  /** The definition as the list shows it. */
  json: string;
}

export interface ToolEntry extends Entry {
  readOnly: boolean;
  /** It may be sent again, to another replica too. */
  repeatable: boolean;
  headerParams: readonly HeaderParam[];
  definition: Record<string, unknown>;
}

/** Something a server offers that is not passed on. */
export interface Refused { server: string; kind: Kind; name: string; reason: string }

export interface Merged {
  tools: ReadonlyMap<string, ToolEntry>;
  prompts: ReadonlyMap<string, Entry>;
  resources: ReadonlyMap<string, Entry>;
  templates: ReadonlyMap<string, Entry>;
  refused: readonly Refused[];
}

/** Of one definition, characters: a list must stay readable. */
const DEFINITION_LIMIT = 256 * 1024;
/** Of one list of a server: what a fault or malice would make larger. */
const LIST_LIMIT = 1_000;

const IDENTITY = { tools: "name", prompts: "name", resources: "uri", templates: "uriTemplate" } as const;

export function merge(offers: ReadonlyMap<string, Lists>, naming: Naming): Merged {
  const refused: Refused[] = [];
  const found: Record<Kind, Map<string, Entry>> = { tools: new Map(), prompts: new Map(), resources: new Map(), templates: new Map() };
  const folds: Record<Kind, Map<string, string>> = {
    tools: new Map([FIND_TOOLS, CALL_TOOL].map((name) => [name, name])), prompts: new Map(), resources: new Map(), templates: new Map(),
  };
  for (const [server, lists] of [...offers].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const kind of KINDS) {
      for (const [index, definition] of lists[kind].entries()) {
        const own = (definition as Record<string, unknown> | null)?.[IDENTITY[kind]];
        const name = typeof own === "string" ? publicName(kind, server, own, naming) : `#${index}`;
        const reason = typeof own === "string" ? why(() => whyNot(kind, server, name, own, definition, index)) : `it has no ${IDENTITY[kind]}`;
        const fold = kind === "tools" || kind === "prompts" ? foldName(name) : name;
        const holder = folds[kind].get(fold);
        if (reason !== null || holder !== undefined) {
          refused.push({ server, kind, name: name.slice(0, 200), reason: reason ?? (holder === name ? "the name is taken" : `it cannot be told from ${holder}`) });
          continue;
        }
        folds[kind].set(fold, name);
        const entry = readable(() => entryOf(kind, server, name, own as string, definition as Record<string, unknown>));
        if (entry) found[kind].set(name, entry);
        else refused.push({ server, kind, name, reason: UNREADABLE });
      }
    }
  }
  return {
    tools: ordered(found.tools as Map<string, ToolEntry>), prompts: ordered(found.prompts),
    resources: ordered(found.resources), templates: ordered(found.templates), refused,
  };
}

const UNREADABLE = "its definition cannot be read";

/** A definition nested a hundred thousand deep is more than the stack holds; it must cost its server an entry, and the hub nothing. */
function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function why(judge: () => string | null): string | null {
  const judged = readable(() => ({ reason: judge() }));
  return judged ? judged.reason : UNREADABLE;
}

const publicName = (kind: Kind, server: string, own: string, naming: Naming): string => (kind === "tools" || kind === "prompts" ? naming(server) + own : own);

function whyNot(kind: Kind, server: string, name: string, own: string, definition: unknown, index: number): string | null {
  if (!isServerName(server)) return "its server's name is not lower case words joined by hyphens";
  if (index >= LIST_LIMIT) return `a server may offer ${LIST_LIMIT} of a kind`;
  if (JSON.stringify(definition).length > DEFINITION_LIMIT) return `its definition is larger than ${DEFINITION_LIMIT} characters`;
  if (kind === "tools") {
    const { inputSchema } = definition as { inputSchema?: { type?: unknown } };
    return wrongName(name, own) ?? (inputSchema?.type === "object" ? null : "its inputSchema is not of type object");
  }
  if (kind === "prompts") return wrongName(name, own);
  return own.length > 0 && own.length <= 2_048 ? null : "a URI has 1 to 2048 characters";
}

function entryOf(kind: Kind, server: string, name: string, own: string, definition: Record<string, unknown>): Entry | ToolEntry {
  const shown: Record<string, unknown> = { ...definition, ...(kind === "tools" || kind === "prompts" ? { name } : {}) };
  const entry: Entry = { name, server, own, json: JSON.stringify(shown) };
  if (kind !== "tools") return entry;
  const hints = (definition["annotations"] ?? {}) as { readOnlyHint?: unknown; idempotentHint?: unknown };
  return {
    ...entry, definition: shown, headerParams: headerParamsOf(definition["inputSchema"]),
    readOnly: hints.readOnlyHint === true, repeatable: hints.readOnlyHint === true || hints.idempotentHint === true,
  };
}

const ordered = <T>(map: Map<string, T>): Map<string, T> => new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
