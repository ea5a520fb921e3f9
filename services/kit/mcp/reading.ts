/** Prompts and resources of a server, over the SDK's own handlers. */
import { randomUUID } from "node:crypto";
import { ProtocolError, ProtocolErrorCode, ResourceNotFoundError, UriTemplate, type Server, type ServerContext } from "@modelcontextprotocol/server";
import { z } from "zod";
import { PermanentError, Unavailable, UserFault } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Prompt } from "../prompt.ts";
import type { Resource } from "../resource.ts";
import { describeIssues } from "../tool-call.ts";
import type { ToolContext } from "../tool.ts";
import { callerOf } from "./caller.ts";

export interface Reading<D> {
  prompts: readonly Prompt<D>[];
  resources: readonly Resource<D>[];
}

export interface ReadingOptions<D> extends Reading<D> {
  deps(): D;
  log: Logger;
}

export interface ReadingHandlers {
  /** Part of the server's capabilities: what it has none of it does not announce. */
  readonly capabilities: { prompts?: object; resources?: object };
  serve(server: Server): void;
}

const ordered = <T>(items: readonly T[], key: (item: T) => string): T[] => {
  const keys = items.map(key);
  const twice = keys.find((one, index) => keys.indexOf(one) !== index);
  if (twice !== undefined) throw new Error(`two prompts or resources are named ${twice}`);
  return items.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
};

/** Converts what is listed once. @throws {Error} on two of one name or URI */
export function compileReading<D>(options: ReadingOptions<D>): ReadingHandlers {
  const prompts = ordered(options.prompts, ({ name }) => name);
  const all = ordered(options.resources, ({ uri }) => uri);
  const fixed = all.filter(({ uri }) => !UriTemplate.isTemplate(uri));
  const templates = all.filter(({ uri }) => UriTemplate.isTemplate(uri)).map((resource) => ({ resource, template: new UriTemplate(resource.uri) }));
  const shown = ({ name, title, description, mimeType }: Resource<D>) => ({ name, title, description, mimeType });
  const promptList = prompts.map(({ name, title, description, input }) => ({ name, title, description, arguments: argumentsOf(input) }));
  const resourceList = fixed.map((resource) => ({ uri: resource.uri, ...shown(resource) }));
  const templateList = templates.map(({ resource }) => ({ uriTemplate: resource.uri, ...shown(resource) }));

  const contextOf = (ctx: ServerContext, what: string): ToolContext<D> => ({ deps: options.deps(), signal: ctx.mcpReq.signal, log: options.log.child({ reads: what }), caller: callerOf(ctx) });
  const explained = async <T>(what: string, read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      throw toProtocolError(error, what, options.log);
    }
  };

  async function getPrompt(name: string, given: Record<string, string> | undefined, ctx: ServerContext) {
    const prompt = prompts.find((known) => known.name === name);
    if (!prompt) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown prompt ${name}; prompts/list names those there are.`);
    const parsed = await prompt.input.safeParseAsync(given ?? {});
    if (!parsed.success) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `The arguments of ${name} do not fit: ${describeIssues(parsed.error)}.`);
    return explained(name, async () => ({ description: prompt.description, messages: await prompt.handler(parsed.data as never, contextOf(ctx, name)) }));
  }

  async function readResource(uri: string, ctx: ServerContext) {
    const found = find(uri);
    const content = found && await explained(found.resource.name, () => found.resource.read(found.variables, contextOf(ctx, found.resource.name)));
    if (!found || content === null) throw new ResourceNotFoundError(uri);
    const { mimeType } = found.resource;
    return { contents: [typeof content === "string" ? { uri, mimeType, text: content } : { uri, mimeType, blob: Buffer.from(content!).toString("base64") }] };
  }

  function find(uri: string): { resource: Resource<D>; variables: Record<string, string> } | null {
    const resource = fixed.find((known) => known.uri === uri);
    if (resource) return { resource, variables: {} };
    for (const { resource: of, template } of templates) {
      const variables = template.match(uri);
      if (variables) return { resource: of, variables: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, decoded(String(value))])) };
    }
    return null;
  }

  return {
    capabilities: { ...(prompts.length > 0 ? { prompts: {} } : {}), ...(all.length > 0 ? { resources: {} } : {}) },
    serve(server) {
      if (prompts.length > 0) {
        server.setRequestHandler("prompts/list", () => ({ prompts: promptList }));
        server.setRequestHandler("prompts/get", ({ params }, ctx) => getPrompt(params.name, params.arguments, ctx));
      }
      if (all.length > 0) {
        server.setRequestHandler("resources/list", () => ({ resources: resourceList }));
        server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: templateList }));
        server.setRequestHandler("resources/read", ({ params }, ctx) => readResource(params.uri, ctx));
      }
    },
  };
}

function argumentsOf(input: z.ZodObject): { name: string; description?: string; required: boolean }[] {
  const { properties = {}, required = [] } = z.toJSONSchema(input, { io: "input" });
  return Object.entries(properties).map(([name, schema]) => {
    const { description } = schema as { description?: string };
    return { name, ...(description === undefined ? {} : { description }), required: required.includes(name) };
  });
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** As of a tool: text that we do not control stays in the log, under an id. */
function toProtocolError(error: unknown, what: string, log: Logger): ProtocolError {
  if (error instanceof ProtocolError) return error;
  if (error instanceof UserFault || error instanceof PermanentError) return new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
  if (error instanceof Unavailable) return new ProtocolError(ProtocolErrorCode.InternalError, `${error.message} Try again in a few seconds.`);
  const errorId = randomUUID();
  log.error({ err: error, errorId, reads: what }, "a prompt or resource failed");
  return new ProtocolError(ProtocolErrorCode.InternalError, `internal error, id ${errorId}`);
}
