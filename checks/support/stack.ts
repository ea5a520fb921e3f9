/** The stack under check, known by its outputs alone. */
import { readFileSync } from "node:fs";
import { SecretOutputs, StackOutputs } from "../../contract/outputs.ts";

export type Stack = StackOutputs & SecretOutputs;

let cached: Stack | undefined;

/**
 * Reads the outputs that `./mcp check` wrote to the file named by `MCP_STACK_OUTPUTS`.
 * @throws when the variable is unset or the document does not fit the published schema
 */
export function stack(): Stack {
  if (cached) return cached;
  const path = process.env.MCP_STACK_OUTPUTS;
  if (!path) throw new Error("MCP_STACK_OUTPUTS is not set: run the checks by `./mcp check`");
  const { apiToken, credentials, ...open } = JSON.parse(readFileSync(path, "utf8"));
  cached = { ...StackOutputs.parse(open), ...SecretOutputs.parse({ apiToken, credentials }) };
  return cached;
}

/** Checks that stop containers run only when asked for. */
export const disruptive = process.env.MCP_CHECK_DISRUPTIVE === "1";
