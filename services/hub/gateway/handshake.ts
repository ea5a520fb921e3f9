/** What the gateway says of itself, in both eras. Pure. */
import { LATEST_PROTOCOL_VERSION } from "@modelcontextprotocol/server";
import { TASKS } from "../../kit/mcp/task-wire.ts";
import { LIST_TTL_MS, RESULT_META, SERVER_INFO } from "./catalogue/lists.ts";
import { LEGACY_VERSIONS, MODERN_VERSION } from "./protocol/inbound.ts";

const INSTRUCTIONS = "Every MCP server of this system behind one endpoint. Tools are named <server>.<tool>; their servers come and go, so list again when one is missing. With ?tools=search behind the URL only find_tools and call_tool are listed.";

const CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
};

/** Older revisions would hear of changes on a stream that belongs to a session; here there are none. */
const LEGACY_CAPABILITIES = { tools: {}, prompts: {}, resources: {}, completions: {}, logging: {} };

/**
 * Result of `server/discover`, as JSON text.
 *
 * @param tasks whether any server makes tasks of long calls
 */
export const discovered = (tasks: boolean): string => (tasks ? WITH_TASKS : WITHOUT_TASKS);
const [WITH_TASKS, WITHOUT_TASKS] = [{ ...CAPABILITIES, extensions: { [TASKS]: {} } }, CAPABILITIES].map((capabilities) =>
  `{"resultType":"complete","supportedVersions":${JSON.stringify([MODERN_VERSION])},"capabilities":${JSON.stringify(capabilities)},`
  + `"instructions":${JSON.stringify(INSTRUCTIONS)},"ttlMs":${LIST_TTL_MS},"cacheScope":"public",${RESULT_META}}`) as [string, string];

/** Result of `initialize`: the revision asked for where it is known, else the newest with a handshake. */
export function initialized(requested: unknown): object {
  const protocolVersion = typeof requested === "string" && LEGACY_VERSIONS.includes(requested) ? requested : LATEST_PROTOCOL_VERSION;
  return { protocolVersion, capabilities: LEGACY_CAPABILITIES, serverInfo: SERVER_INFO, instructions: INSTRUCTIONS };
}
