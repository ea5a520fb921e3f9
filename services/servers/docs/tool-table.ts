/** The table of tools in a server's README, made from the tools themselves. */
import { z } from "zod";
import type { ToolDefinition } from "../../kit/tool.ts";

export const BEGIN = "<!-- tools: written by services/servers/docs/write-readmes.ts -->";
export const END = "<!-- /tools -->";

type AnyTool = Pick<ToolDefinition<never, z.ZodObject, z.ZodObject>, "name" | "description" | "annotations" | "input">;

/** Optional inputs have a question mark. */
function inputsOf(tool: AnyTool): string {
  const { properties = {}, required = [] } = z.toJSONSchema(tool.input, { io: "input" });
  const names = Object.keys(properties).map((name) => `\`${name}${required.includes(name) ? "" : "?"}\``);
  return names.join(" ") || "none";
}

function effectOf({ annotations }: AnyTool): string {
  if (annotations.readOnlyHint) return "reads";
  return annotations.destructiveHint ? "changes, may destroy" : "adds";
}

/** First sentence; a full stop inside a number or a name ends none. */
const firstSentence = (text: string): string => /^.*?[.?!](?=\s|$)/s.exec(text)?.[0] ?? text;

export function toolTable(tools: readonly AnyTool[]): string {
  const rows = [...tools].sort((a, b) => (a.name < b.name ? -1 : 1)).map((tool) =>
    `| \`${tool.name}\` | ${firstSentence(tool.description).replaceAll("|", "\\|")} | ${inputsOf(tool)} | ${effectOf(tool)} |`);
  return ["| Tool | What it does | Inputs | Effect |", "|---|---|---|---|", ...rows].join("\n");
}

/** The README with its table replaced; null where it has no place for one. */
export function withTable(readme: string, tools: readonly AnyTool[]): string | null {
  const [from, to] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (from < 0 || to < from) return null;
  return `${readme.slice(0, from + BEGIN.length)}\n${toolTable(tools)}\n${readme.slice(to)}`;
}
