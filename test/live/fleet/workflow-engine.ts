/** The tools of workflow-engine, called through the hub as a model would. */
import assert from "node:assert/strict";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { eventually } from "../hub/rig.ts";
import type { HubProcess } from "../hub/hub-process.ts";

export class WorkflowEngine {
  readonly #hub: HubProcess;

  constructor(hub: HubProcess) {
    this.#hub = hub;
  }

  call(tool: string, input: object): Promise<any> {
    return this.callTool(`workflow-engine.${tool}`, input);
  }

  /** A tool of any server. @throws with the answer's text when it is an error */
  async callTool(name: string, input: object): Promise<any> {
    const client = new Client({ name: "test", version: "0" }, { versionNegotiation: { mode: "auto" } });
    await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", this.#hub.url), { requestInit: { headers: { authorization: `Bearer ${this.#hub.token("user:tester", "admin")}` } } }));
    try {
      const answer = await client.callTool({ name, arguments: input as Record<string, unknown> });
      if (answer.isError) throw new Error(JSON.stringify(answer.content));
      return answer.structuredContent;
    } finally {
      await client.close();
    }
  }

  async start(workflow: object | string, input: object = {}): Promise<string> {
    const { id, state } = await this.call("start_workflow", { workflow, input });
    assert.ok(state === "pending" || state === "active", state);
    return id;
  }

  /** Through restarts of whatever the tools need. */
  until(id: string, good: (run: any) => boolean, withinMs = 60_000): Promise<any> {
    return eventually(() => this.call("get_workflow", { id }).catch((error: Error) => ({ away: error.message })), (run) => !("away" in run) && good(run), withinMs);
  }

  ended(id: string, withinMs?: number): Promise<any> {
    return this.until(id, ({ state, settling }) => !["pending", "active"].includes(state) && !settling, withinMs);
  }
}
