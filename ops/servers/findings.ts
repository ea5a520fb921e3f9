/** What is wrong with registered servers, and what to do about it. Pure: what was seen goes in, findings come out. */
import type { GatewayAnswer } from "../../contract/gateway.ts";
import { instructionsIn } from "./instructing-text.ts";
import { wrongSchema } from "./schema-check.ts";

export const MODERN_REVISION = "2026-07-28";
const SLOW_MS = 1_000;
/** The gateway reads lists again after a minute at the latest. */
const OLD_MS = 120_000;
const HINTS = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] as const;

/** What a server answered when it was asked through the edge. */
export type Probe = {
  /** Milliseconds of `tools/list`, median of some. */
  latencyMs: number;
  /** As `server/discover` says; null when it does not. */
  revisions: string[] | null;
  /** Definitions as the server gives them: nothing is known about them yet. */
  tools: unknown[];
} | { failure: string };

export interface Finding {
  severity: "error" | "warning";
  server: string;
  /** Tool or field that it is about; null for the server. */
  where: string | null;
  rule: string;
  what: string;
  remedy: string;
}

type Row = GatewayAnswer["servers"][number];

/** Of all servers: errors before warnings, then by server. */
export function findingsOf(gateway: GatewayAnswer, probes: ReadonlyMap<string, Probe>): Finding[] {
  const publicNames = [...probes].flatMap(([server, probe]) => ("failure" in probe ? [] : probe.tools.map((tool) => ({ server, name: `${server}.${nameOf(tool)}` }))));
  const findings = [
    ...gateway.servers.flatMap((row) => serverFindings(row, probes.get(row.server) ?? { failure: "it was not asked" })),
    ...[...probes].flatMap(([server, probe]) => {
      const others = publicNames.filter((other) => other.server !== server).map(({ name }) => name);
      return "failure" in probe ? [] : probe.tools.flatMap((tool, index) => toolFindings(server, tool, index, others));
    }),
    ...gateway.refused.map(({ server, kind, name, reason }): Finding => ({
      severity: "error", server, where: name, rule: "refused", what: `one of its ${kind} is not offered: ${reason}`, remedy: "rename or shorten it in the server, and restart that",
    })),
    ...gateway.shadows.map(({ name, category, by }): Finding => ({
      severity: "error", server: name, where: null, rule: "shadow", what: `${category}/${name} claims the name of ${by}/${name}, and is not offered`, remedy: "give one of them another name in configs/servers",
    })),
  ];
  const rank = ({ severity }: Finding): number => (severity === "error" ? 0 : 1);
  return findings.sort((a, b) => rank(a) - rank(b) || compare(a.server, b.server));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function serverFindings(row: Row, probe: Probe): Finding[] {
  const { server, ageMs, failure, replicas } = row;
  const found: Finding[] = [];
  const add = (severity: Finding["severity"], rule: string, what: string, remedy: string): void => void found.push({ severity, server, where: null, rule, what, remedy });
  const look = `"./mcp logs ${server}" says why; "./mcp restart ${server}" starts it anew`;
  if ("failure" in probe) add("error", "no-answer", `it does not answer: ${probe.failure}`, look);
  else {
    if (probe.latencyMs > SLOW_MS) add("warning", "slow", `its list took ${Math.round(probe.latencyMs)} ms`, `look at its load; clients wait for each call behind it`);
    if (probe.revisions === null) add("warning", "revision", "it does not say which revisions of the protocol it speaks", `serve server/discover (revision ${MODERN_REVISION})`);
    else if (!probe.revisions.includes(MODERN_REVISION)) add("error", "revision", `it speaks ${probe.revisions.join(", ") || "no revision"}, and the gateway ${MODERN_REVISION}`, "update its SDK");
    if (probe.tools.length === 0) add("warning", "no-tools", "it lists no tools", "take it out of configs/servers unless it has prompts or resources");
  }
  if (failure !== null) add("error", "stale-catalogue", `the hub cannot read its lists anew: ${failure}; it serves ${ageMs === null ? "none" : `those of ${seconds(ageMs)} ago`}`, look);
  else if (ageMs === null) add("error", "stale-catalogue", "the hub has not read its lists yet", "run this again in some seconds; then see the log of the hub: \"./mcp logs mcp-coordinator\"");
  else if (ageMs > OLD_MS) add("warning", "stale-catalogue", `its lists are ${seconds(ageMs)} old`, "\"./mcp logs mcp-coordinator\" says why they are not read again");
  for (const { host } of replicas.filter(({ up }) => !up)) add("error", "left-alone", `its replica ${host} failed and is left alone until it answers`, look);
  return found;
}

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;
const nameOf = (tool: unknown): string => String((tool as { name?: unknown } | null)?.name ?? "");

function toolFindings(server: string, definition: unknown, index: number, others: readonly string[]): Finding[] {
  const found: Finding[] = [];
  const where = nameOf(definition) || `#${index}`;
  const add = (severity: Finding["severity"], rule: string, what: string, remedy: string, at = where): void => void found.push({ severity, server, where: at, rule, what, remedy });
  if (typeof definition !== "object" || definition === null) {
    add("error", "schema", "it is no definition of a tool", "list tools as objects");
    return found;
  }
  const { description, annotations, inputSchema, outputSchema } = definition as { description?: unknown; annotations?: unknown; inputSchema?: unknown; outputSchema?: unknown };
  if (typeof description !== "string" || description.trim() === "") add("warning", "no-description", "it has no description", "say what it does, what it changes and where its limits are");
  const hints = (typeof annotations === "object" && annotations !== null ? annotations : {}) as Record<string, unknown>;
  const absent = HINTS.filter((hint) => typeof hints[hint] !== "boolean");
  if (absent.length > 0) add("warning", "no-annotations", `it does not say ${absent.join(", ")}`, "write all four out; without readOnlyHint only admins may call it");
  if (hints["readOnlyHint"] === true && hints["destructiveHint"] === true) add("error", "annotations", "it says that it only reads, and that it destroys", "correct one of the two: readers may call what only reads");
  const wrong = { inputSchema: wrongSchema(inputSchema), ...(outputSchema === undefined ? {} : { outputSchema: wrongSchema(outputSchema) }) };
  for (const [field, why] of Object.entries(wrong)) if (why) add("error", "schema", `its ${field} cannot be used: ${why}`, "correct it; clients refuse the tool or call it wrongly");
  for (const { path, text } of textsIn(definition, where)) {
    for (const { severity, tries, words } of instructionsIn(text)) add(severity, "instructs", `its text tries ${tries}: "${words}"`, "take the words out, or the server out of configs/servers", path);
    const other = others.find((name) => text.includes(name));
    if (other !== undefined) add("warning", "names-another", `its text speaks of ${other}, a tool of another server`, "say what this tool does, and leave the choice of others to the caller", path);
  }
  return found;
}

/** Every text of a definition that a model gets to see, keys that try something included, with the way to it; however deep. */
function textsIn(definition: object, name: string): { path: string; text: string }[] {
  const texts: { path: string; text: string }[] = [];
  const waiting: { value: unknown; path: string }[] = [{ value: definition, path: name }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, path } = next;
    if (typeof value === "string") texts.push({ path, text: value });
    else if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        // A way may be as long as what it leads through is deep.
        const way = `${path}.${key}`.slice(0, 300);
        if (instructionsIn(key).length > 0) texts.push({ path: way, text: key });
        waiting.push({ value: inner, path: way });
      }
    }
  }
  return texts;
}
