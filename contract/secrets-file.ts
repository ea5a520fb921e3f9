/**
 * All secrets of a service in one file, lines `NAME=value`: what an upload costs the engine (80 ms of CPU), it costs
 * for each file. Values hold no line break.
 */
import { SECRETS_DIR } from "./environment.ts";

/** Variable that names the file. */
export const SECRETS_FILE_VARIABLE = "MCP_SECRETS_FILE";
export const SECRETS_FILE = `${SECRETS_DIR}/service.env`;

/** @throws {Error} naming the line that is not `NAME=value`, and never its content */
export function parseSecretsFile(text: string): Record<string, string> {
  const entries = text.split("\n").flatMap((line, index): [string, string][] => {
    if (line === "") return [];
    const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`line ${index + 1} is not NAME=value`);
    return [[name, value]];
  });
  return Object.fromEntries(entries);
}
