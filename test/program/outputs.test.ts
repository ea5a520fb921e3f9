import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Outputs, outputsJsonSchema, SecretOutputs, StackOutputs } from "../../contract/outputs.ts";
import { parsePublicKey, publicKey, signingKey, verifyJwt } from "../../contract/derive.ts";
import { TokenClaims } from "../../contract/access.ts";
import { secretOutputs, stackOutputs } from "../../plan/outputs.ts";
import { keyring } from "../../plan/secrets.ts";
import { CATALOG, fixturePlan, stackSettings } from "./fixture.ts";
import { ROOT } from "./harness.ts";

const outputs = (stack: string, changes = {}) => {
  const settings = stackSettings(stack, changes);
  return stackOutputs(stack, settings, CATALOG, fixturePlan(settings).services);
};

describe("stack outputs", function () {
  this.timeout(30_000);

  it("have the published schema", () => {
    assert.deepEqual(JSON.parse(readFileSync(join(ROOT, "docs/outputs.schema.json"), "utf8")), outputsJsonSchema(),
      "run: node docs/write-outputs-schema.ts, and raise schemaVersion if a reader would break");
  });

  it("are of that shape in every stack", () => {
    for (const stack of ["dev", "test", "prod"]) Outputs.parse({ ...outputs(stack), ...secretOutputs(keyring("root")) });
  });

  it("say where dev listens", () => {
    const { endpoints, servers, agents, network } = outputs("dev");
    assert.deepEqual(network, { name: "mcpnet", subnet: "172.20.0.0/16", bridge: "mcp_bridge" });
    assert.deepEqual(endpoints.mcp, { url: "http://127.0.0.1:80/mcp", internalUrl: "http://nginx:80/mcp" });
    assert.deepEqual(endpoints.rabbitmq, { url: "amqp://127.0.0.1:5672", internalUrl: "amqp://rabbitmq:5672" });
    assert.deepEqual(servers.find(({ server, replica }) => server === "code-search" && replica === 2), {
      category: "ai-integration", server: "code-search", replica: 2, host: "mcp-ai-integration-2-r2", container: "mcp-ai-integration-2-r2",
      port: 8031, url: null, capabilities: ["search_code"],
    });
    assert.deepEqual(agents[1], {
      type: "code-indexer", id: "code-indexer-2", host: "mcp-code-indexer-2", container: "mcp-code-indexer-2", port: 3102,
      url: "http://127.0.0.1:3102", queue: "tasks.code_indexer",
    });
  });

  it("move with the offset outside, and stay inside", () => {
    const { endpoints, servers } = outputs("test");
    assert.deepEqual(endpoints.edge, { url: "http://127.0.0.1:20080", internalUrl: "http://nginx:80" });
    assert.equal(servers[0]!.url, `http://127.0.0.1:${servers[0]!.port + 20_000}`);
    assert.equal(servers[0]!.container, `test-${servers[0]!.host}`);
  });

  it("give no address that is not published", () => {
    const { endpoints, servers, agents } = outputs("prod");
    assert.equal(endpoints.edge!.url, "http://127.0.0.1:80");
    assert.equal(endpoints.postgres!.url, null);
    assert.equal(endpoints.devnet, undefined);
    assert.ok([...servers, ...agents].every(({ url }) => url === null));
  });
});

describe("secret outputs", () => {
  const secrets = SecretOutputs.parse(secretOutputs(keyring("root")));

  it("hold an administrator's token that every service accepts", () => {
    const claims = TokenClaims.parse(verifyJwt(secrets.apiToken, parsePublicKey(publicKey(signingKey("root")))));
    assert.deepEqual(claims, { sub: "user:admin", role: "admin", aud: ["*"] });
  });

  it("hold the operator's logins, one password for each store", () => {
    const all = Object.values(secrets.credentials);
    assert.deepEqual(all.map(({ username }) => username), Array(4).fill("operator"));
    assert.equal(new Set(all.map(({ password }) => password)).size, 4);
  });

  it("are apart from the open ones", () => {
    for (const key of Object.keys(SecretOutputs.shape)) assert.ok(!(key in StackOutputs.shape), key);
  });
});
