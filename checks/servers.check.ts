import assert from "node:assert/strict";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Agent, buildConnector, fetch as undiciFetch } from "undici";
import { SERVERS_PREFIX, Registration, serverKey } from "../contract/registry.ts";
import type { ServerCategory } from "../contract/services.ts";
import { baseUrl, edge, eventually } from "./support/reach.ts";
import { stack } from "./support/stack.ts";
import { etcd } from "./support/stores.ts";

interface ToolInfo { name: string; annotations?: { readOnlyHint?: boolean }; inputSchema: { properties?: object; examples?: unknown[] } }

/** A client of the stack's token; closed by the caller. @param at base URL to reach the URL's host by, where no resolver knows it */
async function connect(url: string, at?: string): Promise<Client> {
  const client = new Client({ name: "mcp-checks", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { authorization: `Bearer ${stack().apiToken}` } },
    ...(at && { fetch: resolvedTo(at) }),
  }));
  return client;
}

/** Servers answer to their own names alone, and Node's fetch takes no other Host than the URL's. */
function resolvedTo(base: string): typeof fetch {
  const { hostname: address, port } = new URL(base);
  const dispatcher = new Agent({ connect: (options, callback) => buildConnector({})({ ...options, hostname: address, port }, callback) });
  return ((input: string | URL, init?: RequestInit) => undiciFetch(input, { ...init, dispatcher } as never)) as unknown as typeof fetch;
}

/** A call that reads and that its schema documents: an example of the input, or no input at all. */
function probeOf(tools: ToolInfo[]): { name: string; arguments: Record<string, unknown> } {
  const readers = tools.filter((t) => t.annotations?.readOnlyHint);
  const documented = readers.find((t) => t.inputSchema.examples?.length);
  if (documented) return { name: documented.name, arguments: documented.inputSchema.examples![0] as Record<string, unknown> };
  const free = readers.find((t) => Object.keys(t.inputSchema.properties ?? {}).length === 0);
  if (free) return { name: free.name, arguments: {} };
  throw new Error(`no read-only tool has an example input: ${tools.map((t) => t.name).join(", ")}`);
}

async function callProbe(client: Client, prefix: string): Promise<void> {
  const { tools } = await client.listTools();
  const own = (tools as ToolInfo[]).filter((t) => t.name.startsWith(prefix));
  const probe = probeOf(own);
  const result = await client.callTool(probe);
  const text = JSON.stringify(result.content).slice(0, 300);
  assert.ok(!result.isError, `${probe.name} answered an error: ${text}`);
  assert.ok(result.structuredContent, `${probe.name} answered no structured content: ${text}`);
}

describe("servers", function () {
  this.timeout(30_000);

  for (const server of stack().servers) {
    describe(`${server.category}/${server.server} (${server.container})`, () => {
      it("is registered in etcd where it listens", async () => {
        const key = serverKey(server.category as ServerCategory, server.server, server.replica);
        const value = await (await etcd()).get(key).string();
        assert.ok(value, `${key} is missing`);
        const entry = Registration.parse(JSON.parse(value));
        assert.deepEqual({ host: entry.host, port: entry.port }, { host: server.host, port: server.port });
        assert.deepEqual([...entry.capabilities].sort(), [...server.capabilities].sort(), `capabilities under ${SERVERS_PREFIX}`);
      });

      it("answers a tool call directly", async () => {
        const client = await connect(`http://${server.host}:${server.port}/mcp`, await baseUrl(server));
        try {
          const { tools } = await client.listTools();
          assert.deepEqual(tools.map((t) => t.name).sort(), [...server.capabilities].sort());
          await callProbe(client, "");
        } finally {
          await client.close();
        }
      });

      it("answers a tool call through the edge's own route", async () => {
        const client = await connect(`${edge()}/servers/${server.category}/${server.server}/mcp`);
        try {
          await callProbe(client, "");
        } finally {
          await client.close();
        }
      });

      it("answers a tool call through the hub", async () => {
        await eventually(`tools of ${server.server} in the hub's catalogue`, 15_000, async () => {
          const client = await connect(stack().endpoints.mcp!.url!);
          try {
            await callProbe(client, `${server.server}.`);
            return true;
          } finally {
            await client.close();
          }
        });
      });
    });
  }
});
