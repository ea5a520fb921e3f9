/** Tools as `tools/list` shows them, converted once: schemas converted per request cost two thirds of the throughput. */
import type { Tool as WireTool } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { Tool } from "../tool.ts";

export interface ToolCatalog<D> {
  /** In order of name, so that the answer is the same from every replica. */
  readonly list: WireTool[];
  readonly byName: ReadonlyMap<string, Tool<D>>;
}

/** @throws {Error} on two tools of one name */
export function compileCatalog<D>(tools: readonly Tool<D>[]): ToolCatalog<D> {
  const byName = new Map<string, Tool<D>>();
  for (const tool of tools) {
    if (byName.has(tool.name)) throw new Error(`two tools are named ${tool.name}`);
    byName.set(tool.name, tool);
  }
  const sorted = [...tools].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { byName, list: sorted.map(describe) };
}

function describe<D>(tool: Tool<D>): WireTool {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: z.toJSONSchema(tool.input, { io: "input" }) as WireTool["inputSchema"],
    outputSchema: z.toJSONSchema(tool.output, { io: "output" }) as NonNullable<WireTool["outputSchema"]>,
    annotations: { title: tool.title, ...tool.annotations },
  };
}
