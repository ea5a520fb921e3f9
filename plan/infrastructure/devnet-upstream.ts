/**
 * The way from the local chain to the one it is a fork of. anvil would show the endpoint's URL, which may hold a key, on its
 * command line, in its errors and to everybody who asks `anvil_nodeInfo`: so it is told this service's instead.
 */
import { INFRASTRUCTURE } from "../../contract/services.ts";
import type { Settings } from "../../contract/settings.ts";
import { secretVariable } from "../environment.ts";
import type { ServiceSpec } from "../service-spec.ts";
import { nodeSpec } from "./node-spec.ts";

const { host, port } = INFRASTRUCTURE.upstream;

/** What the fork asks. */
export const UPSTREAM_URL = `http://${host}:${port}`;

export function devnetUpstreamSpec(settings: Settings, forkUrl: string): ServiceSpec {
  return nodeSpec(settings, {
    name: "devnet-upstream",
    at: INFRASTRUCTURE.upstream,
    env: {},
    secrets: [secretVariable("UPSTREAM_RPC_URL", forkUrl)],
    files: [],
    dependsOn: [],
    resources: { memoryMiB: 160, cpus: 0.5 },
  });
}
