/** For tests of tools and actions: they run as the runtime runs them, without a network. */
import { globSync, readdirSync, readFileSync } from "node:fs";
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { parse } from "yaml";
import { z } from "zod";
import type { TokenClaims } from "../../contract/access.ts";
import { ServerCatalogFile } from "../../contract/catalog.ts";
import { runAction } from "./agent/run-action.ts";
import type { ActionDefinition } from "./action.ts";
import { createLogger, type Logger } from "./log.ts";
import { compileCatalog } from "./mcp/catalog.ts";
import { runTool } from "./tool-call.ts";
import { scopesOf, type Tool, type ToolDefinition } from "./tool.ts";

export const silentLog: Logger = createLogger("test", "silent");

export interface CallToolOptions {
  signal?: AbortSignal;
  caller?: TokenClaims | null;
  log?: Logger;
}

/** @throws what the runtime would turn into an `isError` result: a `UserFault`, or a surprise */
export async function callTool<D, I extends z.ZodObject, O extends z.ZodObject>(
  tool: ToolDefinition<D, I, O>,
  deps: D,
  input: unknown,
  options: CallToolOptions = {},
): Promise<z.output<O>> {
  const { signal = new AbortController().signal, caller = null, log = silentLog } = options;
  return (await runTool(tool as Tool<D>, input, { deps, signal, caller, log })) as z.output<O>;
}

export interface CallActionOptions {
  taskId?: string;
  attempt?: number;
  signal?: AbortSignal;
  log?: Logger;
  /** Told of each `progress` call. */
  onProgress?: (fraction: number, note?: string) => void;
  /** Handed to `once` effects; without it they get a client whose every use throws. */
  tx?: PoolClient;
  /** Results of `once` by key; pass the same map to a second call to see what a repeated delivery does. */
  claims?: Map<string, object>;
}

/** @throws what the runtime would turn into a failed attempt */
export async function callAction<D, I extends z.ZodObject, O extends z.ZodType>(
  action: ActionDefinition<D, I, O>,
  deps: D,
  input: unknown,
  options: CallActionOptions = {},
): Promise<z.output<O>> {
  const claims = options.claims ?? new Map<string, object>();
  const tx = options.tx ?? noClient();
  const result = await runAction(action, input, {
    deps,
    taskId: options.taskId ?? randomUUID(),
    attempt: options.attempt ?? 1,
    signal: options.signal ?? new AbortController().signal,
    log: options.log ?? silentLog,
    progress: (fraction, note) => options.onProgress?.(fraction, note),
    once: async <T extends object>(key: string, effect: (tx: PoolClient) => Promise<T>): Promise<T> => {
      // Through JSON, because that is what a second attempt gets back.
      if (!claims.has(key)) claims.set(key, JSON.parse(JSON.stringify(await effect(tx))));
      return claims.get(key) as T;
    },
  });
  return result as z.output<O>;
}

function noClient(): PoolClient {
  return new Proxy({} as PoolClient, {
    get: () => { throw new Error("this effect uses its transaction: pass options.tx to callAction"); },
  });
}

const CONFIGS = new URL("../../configs/servers/", import.meta.url);

function catalogueCapabilities(name: string): string[] {
  for (const file of readdirSync(CONFIGS).filter((entry) => entry.endsWith(".yaml"))) {
    const entry = ServerCatalogFile.parse(parse(readFileSync(new URL(file, CONFIGS), "utf8"))).servers[name];
    if (entry) return entry.capabilities;
  }
  throw new assert.AssertionError({ message: `no file in configs/servers has an entry "${name}"` });
}

const SERVERS = new URL("../servers/", import.meta.url);

/** Where a server's schemas are committed, as clients see them. */
export const SCHEMAS_FILE = "tools.schema.json";

/** Text of that file. */
export const schemasText = <D>(tools: readonly Tool<D>[]): string => `${JSON.stringify(compileCatalog(tools).list, null, 2)}\n`;

function committedSchemas(name: string): Map<string, unknown> {
  const [file] = globSync(`*/${name}/${SCHEMAS_FILE}`, { cwd: SERVERS });
  const list = file === undefined ? [] : JSON.parse(readFileSync(new URL(file, SERVERS), "utf8")) as { name: string }[];
  return new Map(list.map((tool) => [tool.name, tool]));
}

/** The suite that every server passes; call it inside the server's own test file. */
export function serverContract<D>(options: { name: string; tools: readonly Tool<D>[]; catalogue?: (name: string) => string[] }): void {
  const { name, tools, catalogue = catalogueCapabilities } = options;
  describe(`${name}: what every server promises`, () => {
    it("names in the catalogue exactly the tools that it has", () => {
      assert.deepEqual([...catalogue(name)].sort(), tools.map((tool) => tool.name).sort());
    });
    it("can be tried without knowledge: a tool that reads takes no input, or documents an example that fits", () => {
      const examples = tools.filter((tool) => tool.annotations.readOnlyHint).flatMap((tool) => {
        const schema = z.toJSONSchema(tool.input, { io: "input" });
        const documented = (schema.examples ?? []) as unknown[];
        for (const example of documented) tool.input.parse(example);
        return Object.keys(schema.properties ?? {}).length === 0 ? [{}] : documented;
      });
      assert.ok(examples.length > 0, "add .meta({ examples: […] }) to the input of one read-only tool; ./mcp check calls it");
    });
    it("shows clients the schemas that are committed, and no others", () => {
      const committed = committedSchemas(name);
      // A changed schema changes what models and programs were told: it must be seen in a review.
      const remedy = `run node services/servers/docs/write-schemas.ts and look at what it changes in ${SCHEMAS_FILE}`;
      for (const shown of compileCatalog(tools).list) {
        assert.ok(committed.has(shown.name), `${shown.name} has no committed schema: ${remedy}`);
        assert.deepEqual(JSON.parse(JSON.stringify(shown)), committed.get(shown.name), `${shown.name}: ${remedy}`);
      }
      assert.deepEqual([...committed.keys()].filter((known) => !tools.some((tool) => tool.name === known)), [], `tools that are gone: ${remedy}`);
    });
    for (const tool of tools) {
      it(`${tool.name} reads as verb_noun and says what it does`, () => {
        assert.match(tool.name, /^[a-z][a-z0-9]*(_[a-z0-9]+)+$/);
        assert.ok(tool.title.length > 0 && tool.title.length <= 60, "a title of at most 60 characters");
        assert.ok(tool.description.length >= 20, "a description of at least 20 characters");
      });
      it(`${tool.name} writes out all four annotations, without contradiction`, () => {
        const { readOnlyHint, destructiveHint } = tool.annotations;
        assert.deepEqual(
          Object.entries(tool.annotations).map(([key, value]) => `${key} ${typeof value}`).sort(),
          ["destructiveHint boolean", "idempotentHint boolean", "openWorldHint boolean", "readOnlyHint boolean"],
        );
        assert.ok(!(readOnlyHint && destructiveHint), "a read destroys nothing");
        assert.ok(readOnlyHint || scopesOf(tool).some((scope) => scope !== "read"), "who may only read would change something: add a scope");
      });
      it(`${tool.name} describes every field of its input, and refuses unknown ones`, () => {
        const schema = z.toJSONSchema(tool.input, { io: "input" });
        assert.equal(schema.type, "object");
        assert.equal(schema.additionalProperties, false, "make it a z.strictObject");
        for (const [field, part] of Object.entries(schema.properties ?? {})) {
          assert.ok((part as { description?: string }).description, `${field}: add .describe(…)`);
        }
      });
      it(`${tool.name} promises an object`, () => {
        const schema = z.toJSONSchema(tool.output, { io: "output" });
        assert.equal(schema.type, "object");
        assert.ok(Object.keys(schema.properties ?? {}).length > 0, "an answer without fields says nothing");
      });
    }
  });
}
