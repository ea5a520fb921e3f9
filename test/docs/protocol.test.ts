/** docs/PROTOCOL.md against the contract: from that page alone people write workers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { ControlMessage, controlQueue, EVENT_TYPES, EXCHANGES, HeartbeatMessage, heartbeatsKey, REFUSED_CONTENT_LIMIT, RefusedMessage, ResultMessage, resultsKey, TaskMessage, taskQueue } from "../../contract/bus.ts";
import { GRANTS_PATH } from "../../contract/access.ts";
import { AgentEntry } from "../../contract/catalog.ts";
import { AgentEnvironment } from "../../contract/environment.ts";
import { AGENT_STATUS_TTL_SECONDS, redisKeys } from "../../contract/redis-keys.ts";
import { agentKey, LEASE_SECONDS, Registration } from "../../contract/registry.ts";
import { SECRETS_FILE_VARIABLE } from "../../contract/secrets-file.ts";
import { ActionCatalog, TaskPolicy } from "../../contract/tasks.ts";

const ROOT = join(import.meta.dirname, "../..");
const page = readFileSync(join(ROOT, "docs/PROTOCOL.md"), "utf8");
const SCHEMAS: Record<string, z.ZodType> = { Registration, ActionCatalog, TaskMessage, HeartbeatMessage, ResultMessage, ControlMessage, RefusedMessage };
const examples = [...page.matchAll(/```json (\w+)\n([\s\S]*?)```/g)].map(([, name, text]) => ({ name: name!, text: text! }));

/** Names of the fields of an object, and of the objects in it. */
function fieldsOf(schema: object): string[] {
  const { properties = {}, anyOf = [], oneOf = [], items } = schema as { properties?: Record<string, object>; anyOf?: object[]; oneOf?: object[]; items?: object };
  return [...Object.entries(properties).flatMap(([name, part]) => [name, ...fieldsOf(part)]), ...[...anyOf, ...oneOf, ...(items ? [items] : [])].flatMap(fieldsOf)];
}

describe("docs/PROTOCOL.md", () => {
  it("has an example of every message, in every kind that there is", () => {
    assert.deepEqual([...new Set(examples.map(({ name }) => name))].sort(), Object.keys(SCHEMAS).sort());
    const said = (name: string, field: string): unknown[] => examples.filter((example) => example.name === name).map(({ text }) => JSON.parse(text)[field]);
    assert.deepEqual(said("ControlMessage", "kind").sort(), ["cancel", "drain", "stored"]);
    for (const outcome of ResultMessage.shape.outcome.options) assert.ok(page.includes(`\`${outcome}\``), outcome);
  });
  for (const [index, { name, text }] of examples.entries()) {
    it(`example ${index + 1} is a ${name}, with no field that there is not`, () => {
      const value: unknown = JSON.parse(text);
      const parsed = SCHEMAS[name]!.parse(value) as object;
      for (const field of Object.keys(value as object)) assert.ok(field in parsed, field);
    });
  }
  it("names every field of every message", () => {
    for (const [name, schema] of Object.entries(SCHEMAS)) {
      for (const field of fieldsOf(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }))) {
        if (field in TaskPolicy.shape || field === "output") continue;
        assert.ok(page.includes(`"${field}"`) || page.includes(`\`${field}\``), `${name}.${field}`);
      }
    }
  });
  it("has the names, limits and times of the contract", () => {
    const said = [
      EXCHANGES.topic, taskQueue("price-statistics"), `${resultsKey("<type>")}`, heartbeatsKey("<type>"), controlQueue("<agent_id>"), agentKey("price-statistics", 1), redisKeys.agentStatus("<agent_id>"),
      GRANTS_PATH, `a lease of\n${LEASE_SECONDS} s`, `\`content\` at most ${REFUSED_CONTENT_LIMIT}`, `expiring after ${AGENT_STATUS_TTL_SECONDS} s`,
      `\`heartbeatTimeoutMs\` (${TaskPolicy.parse({}).heartbeatTimeoutMs / 1_000} s)`,
      EVENT_TYPES.taskRequested, EVENT_TYPES.taskSucceeded, EVENT_TYPES.taskFailed, EVENT_TYPES.taskHeartbeat, EVENT_TYPES.control, EVENT_TYPES.messageRefused,
    ];
    for (const text of said) assert.ok(page.includes(text), text);
    for (const [, variable] of page.matchAll(/`((?:MCP|AGENT|SERVICE|STOP)_[A-Z_]+)`/g)) assert.ok(variable! in AgentEnvironment.shape || variable === SECRETS_FILE_VARIABLE, variable);
  });
});

describe("examples/python-worker", () => {
  const read = (file: string): string => readFileSync(join(ROOT, "examples/python-worker", file), "utf8");
  it("is a worker of under 100 lines, with what it can do and who it is in files beside it", () => {
    for (const file of ["worker.py", "actions.py", "presence.py"]) assert.ok(read(file).trimEnd().split("\n").length < 100, file);
  });
  it("has the probe of the other images", () => {
    assert.equal(read("http-ok"), readFileSync(join(ROOT, "images/base/node/http-ok"), "utf8"));
  });
  it("has an entry that the catalogue takes, and packages that are pinned by hash", () => {
    const entry = AgentEntry.parse(parse(read("price-statistics.yaml")));
    for (const action of entry.capabilities) assert.ok(read("actions.py").includes(`"${action}"`), action);
    for (const requirement of read("requirements.txt").split(/\n(?=\S)/).filter((line) => !line.startsWith("#"))) assert.match(requirement, /^[a-z-]+==[\d.]+ \\\n {4}--hash=sha256:[0-9a-f]{64}/);
  });
});
