/** The example workflows on a deployed stack, started and followed through the edge as a model would. */
import assert from "node:assert/strict";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { exampleCases, type Deployment } from "../fleet/example.cases.ts";
import { outputs, testStack } from "./support/test-stack.ts";

describe("the example workflows", function () {
  this.timeout(300_000);
  let client: Client;
  let deployment: Deployment;
  before(async () => {
    await testStack();
    const { endpoints, apiToken } = await outputs();
    const authorization = `Bearer ${apiToken}`;
    client = new Client({ name: "workflows-test", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
    await client.connect(new StreamableHTTPClientTransport(new URL(endpoints.mcp.url), { requestInit: { headers: { authorization } } }));
    const request = async (path: string, body?: object): Promise<any> => {
      const answer = await fetch(`${endpoints.api.url}${path}`, {
        headers: { authorization, "content-type": "application/json" }, ...(body && { method: "POST", body: JSON.stringify(body) }),
      });
      assert.ok(answer.ok, `${path} was answered ${answer.status}`);
      return answer.json();
    };
    deployment = {
      async call(tool, input) {
        const answer = await client.callTool({ name: tool, arguments: input as Record<string, unknown> });
        assert.ok(!answer.isError, `${tool}: ${JSON.stringify(answer.content)}`);
        return answer.structuredContent;
      },
      submit: (task) => request("/tasks", task),
      task: (id) => request(`/tasks/${id}`),
    };
  });
  after(() => client?.close());

  exampleCases(() => deployment);
});
