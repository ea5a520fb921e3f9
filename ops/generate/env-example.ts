/**
 * `.env.example`, from the schema of the services' environment. Run it to write the file:
 * `node ops/generate/env-example.ts`. A test compares the two.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { AgentEnvironment, ServerEnvironment, ServiceEnvironment } from "../../contract/environment.ts";
import { pathsOf } from "../system/paths.ts";

const HEADER = `# Environment of the services in the containers. ./mcp up sets all of it from the catalogue and the stack's settings:
# nobody has to copy this file. It serves those who run one service by hand, or write a worker in another language.
#
# Any variable X may be given as X_FILE, a path to read it from. What is marked secret is given only as a file: by
# ./mcp up all in one, of lines NAME=value, whose path is MCP_SECRETS_FILE.
# Generated from contract/environment.ts by: node ops/generate/env-example.ts
`;

export function renderEnvExample(): string {
  const common = Object.keys(ServiceEnvironment.shape);
  const more = (shape: z.ZodRawShape) => Object.fromEntries(Object.entries(shape).filter(([name]) => !common.includes(name)));
  return [
    HEADER,
    section("Every service", ServiceEnvironment.shape),
    section("MCP servers, beside that", more(ServerEnvironment.shape)),
    section("Agents, beside that", more(AgentEnvironment.shape)),
  ].join("\n");
}

function section(title: string, shape: z.ZodRawShape): string {
  return [`# --- ${title}`, ...Object.entries(shape).map(([name, schema]) => variable(name, schema as z.ZodType))].join("\n\n") + "\n";
}

/** A comment on what it is, then the variable: set to its default, or commented out where it may be absent. */
function variable(name: string, schema: z.ZodType): string {
  const { description = "", fallback, optional, kind } = facts(schema);
  const secret = /^Secret/.test(description);
  const comment = [description, kind].filter(Boolean).join(" ");
  const shown = secret ? `${name}_FILE=/run/secrets/${name.toLowerCase()}` : `${name}=${fallback ?? ""}`;
  return `${comment ? `# ${comment}\n` : ""}${optional || fallback !== undefined ? "# " : ""}${shown}`;
}

interface Facts { description?: string; fallback?: string; optional: boolean; kind: string }

/** Goes through the wrappers of a schema. */
function facts(schema: z.ZodType): Facts {
  const { def } = schema as unknown as { def: { type: string; innerType?: z.ZodType; defaultValue?: unknown; entries?: Record<string, string> } };
  const inner = def.innerType ? facts(def.innerType) : { optional: false, kind: kindOf(def) };
  return {
    ...inner,
    ...(schema.description ? { description: schema.description } : {}),
    ...(def.type === "default" ? { fallback: String(def.defaultValue) } : {}),
    ...(def.type === "optional" ? { optional: true } : {}),
  };
}

function kindOf(def: { type: string; entries?: Record<string, string> }): string {
  if (def.type === "enum") return `One of ${Object.values(def.entries!).join(", ")}.`;
  return def.type === "number" ? "A number." : "";
}

if (import.meta.main) writeFileSync(join(pathsOf(process.env).root, ".env.example"), renderEnvExample());
