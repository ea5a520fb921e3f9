/** The gateway's settings, from the environment of the hub. */
import type { z } from "zod";
import type { HubEnvironment } from "../../../contract/environment.ts";
import { parsePrivateKey } from "../../../contract/derive.ts";
import { INFRASTRUCTURE } from "../../../contract/services.ts";
import { ConfigError } from "../../kit/config.ts";
import { delegatedCredentials, ownCredentials, type Credentials } from "./access/delegation.ts";
import type { GatewayOptions } from "./gateway.ts";

type Environment = Readonly<Pick<z.output<typeof HubEnvironment>, "SERVICE_HOST" | "HUB_GATEWAY_TIMEOUT_MS" | "HUB_GATEWAY_RESPONSE_BYTES" | "HUB_GATEWAY_CALLS_PER_MINUTE" | "HUB_GATEWAY_LONG_CALLS"
  | "HUB_OUTSIDE_HOSTS" | "MCP_DELEGATION_KEY" | "MCP_DELEGATION_CERTIFICATE">>;

/**
 * @param token the hub's own
 * @throws {ConfigError} for a key without its certificate, or one that is none
 */
export function gatewayOptions(config: Environment, token: string): Pick<GatewayOptions, "credentials" | "sealSecret" | "callsPerMinute" | "longCalls" | "limits" | "ownHosts" | "outsideHosts"> {
  return {
    credentials: credentialsOf(config, token),
    sealSecret: config.MCP_DELEGATION_KEY ?? token,
    callsPerMinute: config.HUB_GATEWAY_CALLS_PER_MINUTE,
    longCalls: config.HUB_GATEWAY_LONG_CALLS,
    limits: { timeoutMs: config.HUB_GATEWAY_TIMEOUT_MS, responseBytes: config.HUB_GATEWAY_RESPONSE_BYTES },
    ownHosts: [config.SERVICE_HOST, INFRASTRUCTURE.hub.host],
    outsideHosts: config.HUB_OUTSIDE_HOSTS.split(",").map((host) => host.trim().toLowerCase()).filter((host) => host !== ""),
  };
}

function credentialsOf({ MCP_DELEGATION_KEY: key, MCP_DELEGATION_CERTIFICATE: certificate }: Environment, token: string): Credentials {
  if (key === undefined && certificate === undefined) return ownCredentials(token);
  if (key === undefined || certificate === undefined) throw new ConfigError([`${key === undefined ? "MCP_DELEGATION_KEY" : "MCP_DELEGATION_CERTIFICATE"}: missing, and the other one is given`]);
  try {
    return delegatedCredentials(parsePrivateKey(key), certificate);
  } catch {
    throw new ConfigError(["MCP_DELEGATION_KEY: not base64url of 32 bytes"]);
  }
}
