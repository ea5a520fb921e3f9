/** Names on the shared endpoint: `<server>.<name>`, always, so that a second server never renames the first one's tools. Pure. */

/** As in the catalogue of services; no dot, so the first dot of a public name ends the server's. */
const SERVER = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** Specification 2026-07-28, server/tools. */
const NAME = /^[A-Za-z0-9_.-]{1,128}$/;
const LONGEST = 128;

/** The gateway's own tools, which no server's may be mistaken for. */
export const FIND_TOOLS = "find_tools";
export const CALL_TOOL = "call_tool";

/** What stands before a server's names: always {@link prefixed} but for the conformance suite, which fixes the names it calls. */
export type Naming = (server: string) => string;
export const prefixed: Naming = (server) => `${server}.`;

export const isServerName = (name: string): boolean => SERVER.test(name);

/**
 * Names that a person, a file system or a client with a poorer alphabet (many turn the dot into `_`) cannot tell apart
 * have the same fold.
 */
export const foldName = (name: string): string => name.toLowerCase().replaceAll(/[.-]/g, "_");

/** Why a name cannot be offered; null when it can. */
export function wrongName(publicName: string, own: string): string | null {
  if (!NAME.test(own)) return "a name has 1 to 128 characters of A-Z a-z 0-9 _ . -";
  if (publicName.length > LONGEST) return `with its server's name it has ${publicName.length} characters, of ${LONGEST} allowed`;
  return null;
}
