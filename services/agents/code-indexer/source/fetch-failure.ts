/** Sorts what `git fetch` complains about by who can do something. */
import { Unavailable, UserFault } from "../../../kit/errors.ts";

const CALLER: readonly [pattern: RegExp, message: (url: string, revision: string) => string][] = [
  [/could not read Username|Authentication failed|terminal prompts disabled|HTTP Basic: Access denied/i,
    (url) => `${url} wants a login. Only repositories that are readable without one can be indexed.`],
  [/couldn't find remote ref|not our ref|no such remote ref|unadvertised object/i,
    (url, revision) => `${url} has no revision "${revision}". Give a branch, a tag, or a full commit hash that the server hands out.`],
  [/repository .* not found|does not appear to be a git repository|not valid: is this a git repository|returned error: 404/i,
    (url) => `${url} is no git repository that can be read from here. Check the address.`],
  [/transport '.*' not allowed/i, (url) => `${url} redirects to a protocol that is not followed.`],
];

/** @param stderr the last lines of git's complaint; never holds credentials, as URLs with them are refused */
export function fetchFailure(url: string, revision: string | null, stderr: string): Error {
  for (const [pattern, message] of CALLER) if (pattern.test(stderr)) return new UserFault(message(url, revision ?? "HEAD"));
  const lines = stderr.split("\n").filter((line) => line !== "");
  return new Unavailable(`git could not fetch ${url}: ${lines.at(-1) ?? "no reason given"}`);
}
