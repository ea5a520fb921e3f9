/** Where a request goes: the server that has what it names, found in the catalogue. Pure. */
import type { IncomingHttpHeaders } from "node:http";
import { wrongParamHeader } from "../../kit/mcp/header-params.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import type { Entry, ToolEntry } from "./catalogue/merge.ts";
import { CALL_TOOL } from "./catalogue/naming.ts";
import { invalid } from "./exchange.ts";
import type { InboundRequest } from "./protocol/inbound.ts";
import { membersOf } from "./protocol/json-members.ts";
import { mismatch, type Refusal } from "./protocol/refusal.ts";

export interface Target {
  entry: Entry;
  /** Members of `params` that the server knows by another name; JSON text. */
  changes: Record<string, string>;
  /** What `Mcp-Name` says to the server. */
  name: string | null;
  input: unknown;
  tool: ToolEntry | null;
}

export type Found = Target | { refusal: Refusal };

type Named = Pick<Catalogue, "tools" | "prompts" | "resource" | "template">;

const refused = (message: string): Found => ({ refusal: invalid(message) });

/** @returns `params.arguments`, or null when they are no object */
export function inputOf({ params }: InboundRequest): object | null {
  const input = params["arguments"] ?? {};
  return params["arguments"] === null || typeof input !== "object" || Array.isArray(input) ? null : input;
}

/** Of `tools/call`; what `call_tool` calls is the tool inside, which is what is counted, allowed and written down. */
export function toolTarget(request: InboundRequest, headers: IncomingHttpHeaders, catalogue: Named): Found {
  const { params, era } = request;
  const name = params["name"];
  if (typeof name !== "string") return refused("params.name must name a tool");
  const input = inputOf(request);
  if (input === null) return refused("params.arguments must be an object");
  if (name === CALL_TOOL) return toolInside(request, input, catalogue);
  const tool = catalogue.tools.get(name);
  if (!tool) return unknownTool(name);
  const wrong = era === "modern" ? wrongParamHeader(tool.headerParams, input, headers) : null;
  if (wrong) return { refusal: mismatch(wrong.header, wrong.body) };
  return { entry: tool, changes: { name: JSON.stringify(tool.own) }, name: tool.own, input, tool };
}

function toolInside({ text, paramsMembers }: InboundRequest, outer: { name?: unknown; arguments?: unknown }, catalogue: Named): Found {
  const { name, arguments: input = {} } = outer;
  if (typeof name !== "string") return refused("arguments.name must name a tool; find_tools finds them");
  const members = membersOf(text, paramsMembers!.values.get("arguments")![0])!;
  if (members.duplicate !== null) return refused(`arguments.${members.duplicate} is given twice`);
  const tool = catalogue.tools.get(name);
  if (!tool) return unknownTool(name);
  const span = members.values.get("arguments");
  return { entry: tool, changes: { name: JSON.stringify(tool.own), arguments: span ? text.slice(...span) : "{}" }, name: tool.own, input, tool };
}

const unknownTool = (name: string): Found => refused(`Unknown tool ${name.slice(0, 200)}; tools/list names those there are now.`);

/** Of `prompts/get`. */
export function promptTarget({ params }: InboundRequest, catalogue: Named): Found {
  const name = params["name"];
  if (typeof name !== "string") return refused("params.name must name a prompt");
  const entry = catalogue.prompts.get(name);
  if (!entry) return refused(`There is no prompt ${name.slice(0, 200)}`);
  return { entry, changes: { name: JSON.stringify(entry.own) }, name: entry.own, input: params["arguments"], tool: null };
}

/** Of `resources/read`. */
export function resourceTarget({ params }: InboundRequest, catalogue: Named): Found {
  const uri = params["uri"];
  if (typeof uri !== "string") return refused("params.uri must name a resource");
  const entry = catalogue.resource(uri);
  if (!entry) return { refusal: { ...invalid(`There is no resource ${uri.slice(0, 200)}`), data: { uri } } };
  return { entry, changes: {}, name: uri, input: params["arguments"], tool: null };
}

/** Of `completion/complete`. */
export function completionTarget({ params }: InboundRequest, catalogue: Named): Found {
  const ref = params["ref"] as { type?: unknown; name?: unknown; uri?: unknown } | null | undefined;
  const prompt = ref?.type === "ref/prompt" && typeof ref.name === "string" ? catalogue.prompts.get(ref.name) : undefined;
  if (prompt) return { entry: prompt, changes: { ref: JSON.stringify({ ...ref, name: prompt.own }) }, name: null, input: undefined, tool: null };
  const template = ref?.type === "ref/resource" && typeof ref.uri === "string" ? catalogue.template(ref.uri) : null;
  if (template) return { entry: template, changes: {}, name: null, input: undefined, tool: null };
  return refused("params.ref names no prompt and no resource that there is");
}
