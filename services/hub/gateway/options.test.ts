import assert from "node:assert/strict";
import { HubEnvironment } from "../../../contract/environment.ts";
import { parsePrivateKey, publicKey, signingKey, signJwt } from "../../../contract/derive.ts";
import { ConfigError } from "../../kit/config.ts";
import { tokenChecker } from "../../kit/tokens.ts";
import { gatewayOptions } from "./options.ts";

const deployment = signingKey("root of a test");
const seed = Buffer.alloc(32, 7).toString("base64url");
const environment = (more: Record<string, string> = {}) => HubEnvironment.parse({ SERVICE_NAME: "hub", SERVICE_HOST: "hub-1", SERVICE_PORT: "3000", MCP_TOKEN_PUBLIC_KEY: publicKey(deployment), ...more });
const caller = { sub: "user:ada", role: "reader" } as const;

describe("the gateway's settings", () => {
  it("without a key show servers the hub", () => {
    const { credentials, limits, ownHosts, outsideHosts } = gatewayOptions(environment(), "own");
    assert.equal(credentials(caller, "toolbox"), "Bearer own");
    assert.deepEqual([limits.timeoutMs, limits.responseBytes, ownHosts, outsideHosts], [60_000, 4 * 1024 * 1024, ["hub-1", "mcp-coordinator"], []]);
  });

  it("with one show servers the caller, and never the hub's own token", () => {
    const certificate = signJwt({ certifies: "hub", key: publicKey(parsePrivateKey(seed)) }, deployment);
    const { credentials } = gatewayOptions(environment({ MCP_DELEGATION_KEY: seed, MCP_DELEGATION_CERTIFICATE: certificate, HUB_OUTSIDE_HOSTS: "Stack.example, other" }), "own");
    const seen = tokenChecker(publicKey(deployment), "server:toolbox")(credentials(caller, "toolbox"));
    assert.equal(seen.ok && seen.claims.sub, "user:ada");
  });

  it("refuse half a pair, and a key that is none, by their names and without their values", () => {
    const problems = (more: Record<string, string>): string => {
      try {
        gatewayOptions(environment(more), "own");
        return "";
      } catch (error) {
        assert.ok(error instanceof ConfigError);
        return error.problems.join();
      }
    };
    assert.equal(problems({ MCP_DELEGATION_KEY: seed }), "MCP_DELEGATION_CERTIFICATE: missing, and the other one is given");
    assert.equal(problems({ MCP_DELEGATION_CERTIFICATE: "x" }), "MCP_DELEGATION_KEY: missing, and the other one is given");
    assert.equal(problems({ MCP_DELEGATION_KEY: "short", MCP_DELEGATION_CERTIFICATE: "x" }), "MCP_DELEGATION_KEY: not base64url of 32 bytes");
  });
});
