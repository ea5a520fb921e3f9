/** The clients that are tried: each lists, calls and fails in its own way. */
import { createMCPClient } from "@ai-sdk/mcp";
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { inspector } from "./inspector.ts";
import { toldOf, type OutsideClient, type ToolResult } from "./outside-client.ts";

const authorized = (token: string) => ({ Authorization: `Bearer ${token}` });

const sdk = (revision: OutsideClient["revision"]): OutsideClient => ({
  name: `@modelcontextprotocol/client, ${revision}`, revision,
  async open(url, token) {
    const client = new Client({ name: "outside", version: "1" }, revision === "2026-07-28" ? { versionNegotiation: { mode: "auto" } } : {});
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: authorized(token) } }));
    return {
      tools: async () => (await client.listTools()).tools.map(({ name }) => name),
      call: async (name, input) => toldOf(await client.callTool({ name, arguments: { ...input } }) as ToolResult),
      close: () => client.close(),
    };
  },
});

/** Of Vercel's AI SDK; it shares no code with the official SDK. */
const aiSdk: OutsideClient = {
  name: "@ai-sdk/mcp", revision: "2026-07-28",
  async open(url, token) {
    const client = await createMCPClient({ transport: { type: "http", url, headers: authorized(token) } });
    return {
      tools: async () => Object.keys(await client.tools()),
      call: async (name, input) => toldOf(await client.callTool({ name, arguments: { ...input } }) as ToolResult),
      close: () => client.close(),
    };
  },
};

/** On the official SDK's first major version; a tool's failure is an exception there. */
const langchain: OutsideClient = {
  name: "@langchain/mcp-adapters", revision: "2025-11-25", asksOnlyForListed: true,
  async open(url, token) {
    const client = new MultiServerMCPClient({ throwOnLoadError: true, mcpServers: { gateway: { transport: "http", url, headers: authorized(token), automaticSSEFallback: false } } });
    const tools = await client.getTools();
    return {
      tools: async () => tools.map(({ name }) => name),
      async call(name, input) {
        const tool = tools.find((candidate) => candidate.name === name);
        if (!tool) throw new Error(`no tool ${name}`);
        try {
          return { data: (await tool.invoke(input) as ToolResult).structuredContent };
        } catch (error) {
          if (!(error instanceof Error && error.name === "ToolException")) throw error;
          return { error: error.message };
        }
      },
      close: () => client.close(),
    };
  },
};

export const CLIENTS: readonly OutsideClient[] = [sdk("2026-07-28"), sdk("2025-11-25"), aiSdk, langchain, inspector("2026-07-28"), inspector("2025-11-25")];
