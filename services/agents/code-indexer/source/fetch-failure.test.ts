import assert from "node:assert/strict";
import { fetchFailure } from "./fetch-failure.ts";

describe("fetchFailure", () => {
  const cases: [stderr: string, name: string, message: RegExp][] = [
    ["fatal: could not read Username for 'https://h': terminal prompts disabled", "UserFault", /wants a login/],
    ["fatal: couldn't find remote ref nope", "UserFault", /has no revision "nope"/],
    ["error: Server does not allow request for unadvertised object 123", "UserFault", /has no revision "nope"/],
    ["remote: Repository not found.\nfatal: repository 'https://h/a/b/' not found", "UserFault", /no git repository/],
    ["fatal: '/x' does not appear to be a git repository\nfatal: Could not read from remote repository.", "UserFault", /no git repository/],
    ["fatal: transport 'ssh' not allowed", "UserFault", /not followed/],
    ["fatal: unable to access 'https://h/': Could not resolve host: h", "Unavailable", /Could not resolve host/],
    ["", "Unavailable", /no reason given/],
  ];
  for (const [stderr, name, message] of cases) {
    it(`makes ${name} of "${stderr.split("\n")[0]}"`, () => {
      const error = fetchFailure("https://h/a/b", "nope", stderr);
      assert.equal(error.name, name);
      assert.match(error.message, message);
    });
  }
});
