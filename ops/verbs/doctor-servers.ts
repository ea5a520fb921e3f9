/** `./mcp doctor servers`: every registered server as the hub has it and as it answers. */
import { GatewayAnswer } from "../../contract/gateway.ts";
import { table } from "../cli/table.ts";
import type { Context } from "../cli/verb.ts";
import { findingsOf, type Finding, type Probe } from "../servers/findings.ts";
import { probe, type Door } from "../servers/probe.ts";
import { allOutputs } from "../stack/outputs.ts";
import { openStack } from "../stack/stack.ts";
import { callEdge, edgeOf, type Edge } from "../system/edge.ts";
import { failed } from "../system/failure.ts";

export interface ServersReport {
  servers: { server: string; category: string; tools: number; latencyMs: number | null; revisions: string[] | null; catalogueAgeMs: number | null; replicas: number }[];
  findings: Finding[];
}

/** @returns the exit code: 1 when a finding is an error */
export async function doctorServers(context: Context): Promise<number> {
  const report = await examine(edgeOf(await allOutputs(await openStack(context))), (line) => context.ui.progress(line));
  console.log(context.json ? JSON.stringify(report, null, 2) : textOf(report));
  return report.findings.some(({ severity }) => severity === "error") ? 1 : 0;
}

/** @throws {Failure} when the hub cannot be asked; a server that cannot is a finding */
export async function examine(edge: Edge, progress: (line: string) => void): Promise<ServersReport> {
  const parsed = GatewayAnswer.safeParse(await callEdge(edge, "GET", "/gateway"));
  if (!parsed.success) throw failed("the hub's answer about its gateway is not that of this version: run \"./mcp up\".", { cause: parsed.error });
  const gateway = parsed.data;
  const probes = new Map<string, Probe>();
  // One after the other: their times would be each other's otherwise.
  for (const [index, { category, server }] of gateway.servers.entries()) {
    progress(`asking ${server} (${index + 1} of ${gateway.servers.length})`);
    probes.set(server, await probe(doorOf(edge, category, server)));
  }
  progress("");
  return {
    servers: gateway.servers.map(({ server, category, tools, ageMs, replicas }) => {
      const { latencyMs = null, revisions = null } = { ...probes.get(server) } as { latencyMs?: number; revisions?: string[] | null };
      return { server, category, tools, latencyMs, revisions, catalogueAgeMs: ageMs, replicas: replicas.length };
    }),
    findings: findingsOf(gateway, probes),
  };
}

const doorOf = ({ url, token }: Edge, category: string, server: string): Door => ({ url: new URL(`/servers/${category}/${server}/mcp`, url).href, token });

/** Pure. */
export function textOf({ servers, findings }: ServersReport): string {
  const shown = (value: number | null, unit: string): string => (value === null ? "-" : `${Math.round(value)} ${unit}`);
  const rows = servers.map(({ server, category, replicas, tools, latencyMs, revisions, catalogueAgeMs }) => [
    server, category, String(replicas), String(tools), shown(latencyMs, "ms"), shown(catalogueAgeMs === null ? null : catalogueAgeMs / 1_000, "s"), revisions?.join(" ") ?? "-",
  ]);
  const errors = findings.filter(({ severity }) => severity === "error").length;
  return [
    table(["SERVER", "CATEGORY", "REPLICAS", "TOOLS", "LIST", "CATALOGUE AGE", "REVISIONS"], rows),
    "",
    ...findings.flatMap(({ severity, server, where, rule, what, remedy }) => [`${severity}  ${server}${where === null ? "" : ` ${where}`}: ${visible(what)} [${rule}]`, `       ${remedy}`]),
    `${servers.length} servers, ${errors} errors, ${findings.length - errors} warnings`,
  ].join("\n");
}

/** What servers wrote must not steer the terminal. */
const visible = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
