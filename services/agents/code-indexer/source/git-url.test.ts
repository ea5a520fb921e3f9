import assert from "node:assert/strict";
import { UserFault } from "../../../kit/errors.ts";
import { isSelected, normalizePaths, parseGitUrl } from "./git-url.ts";

describe("parseGitUrl", () => {
  it("names a repository by owner and name", () => {
    assert.deepEqual(parseGitUrl("https://code.example/acme/vaults.git", []), { url: "https://code.example/acme/vaults.git", name: "acme/vaults" });
    assert.equal(parseGitUrl("http://code.example/group/sub/tool/", []).name, "sub/tool");
  });
  it("follows file URLs below the allowed folders only", () => {
    assert.deepEqual(parseGitUrl("file:///workspace/", ["/workspace"]), { url: "file:///workspace", name: "workspace" });
    for (const url of ["file:///etc", "file:///workspace/../etc", "file:///workspaces", "file:///workspace/%2e%2e/etc", "file://host/workspace"]) {
      assert.throws(() => parseGitUrl(url, ["/workspace"]), /file repositories are read below \/workspace only/, url);
    }
  });
  const refused: [url: string, message: RegExp][] = [
    ["ssh://git@host/x", /ssh:\/\/ is not followed\. Give an http, https or file URL/],
    ["ext::sh -c id", /ext:\/\/ is not followed/],
    ["git@host:x/y.git", /is not a URL/],
    ["--upload-pack=id", /is not a URL/],
    ["https://host/", /names no repository/],
  ];
  for (const [url, message] of refused) {
    it(`refuses ${url}`, () => assert.throws(() => parseGitUrl(url, []), (error: Error) => error instanceof UserFault && message.test(error.message)));
  }
  it("refuses credentials without repeating them", () => {
    assert.throws(() => parseGitUrl("https://me:hunter2@host/a/b", []), (error: Error) => /credentials/.test(error.message) && !error.message.includes("hunter2"));
  });
});

describe("paths", () => {
  it("are cleaned, sorted and freed of doubles; the root selects everything", () => {
    assert.deepEqual(normalizePaths(["./src/", "docs", "src"]), ["docs", "src"]);
    assert.deepEqual(normalizePaths(["src", "."]), []);
  });
  it("do not leave the repository", () => {
    for (const path of ["..", "../x", "a/../../b", "/etc"]) assert.throws(() => normalizePaths([path]), /outside the repository/);
  });
  it("select whole folders and single files, not names that begin alike", () => {
    assert.deepEqual(["src/a.ts", "src", "srcx/a.ts", "README.md"].map((path) => isSelected(path, ["src", "README.md"])), [true, true, false, true]);
    assert.equal(isSelected("anything", []), true);
  });
});
