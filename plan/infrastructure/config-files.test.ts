import assert from "node:assert/strict";
import { describe, it } from "mocha";
import fc from "fast-check";
import { configFiles, fillIn } from "./config-files.ts";

describe("configuration files", () => {
  it("lie in /etc/mcp with their placeholders filled in", () => {
    assert.deepEqual(configFiles("nginx", { "a.conf": "size {{bytes}};" }, ["a.conf"], { bytes: 5 }), [
      { path: "/etc/mcp/a.conf", content: "size 5;" },
    ]);
  });

  it("name the file and the placeholders there are when one is not known", () => {
    assert.throws(() => fillIn("{{sise}}", { size: 1, hub: "h" }, "nginx/nginx.conf"),
      { message: "configs/nginx/nginx.conf: {{sise}} is not one of {{size}}, {{hub}}" });
  });

  it("name a file that is missing", () => {
    assert.throws(() => configFiles("redis", {}, ["redis.conf"]), { message: "configs/redis/redis.conf is missing; restore it from the repository" });
  });

  it("pass through whatever is no placeholder", () => {
    fc.assert(fc.property(fc.string().filter((text) => !text.includes("{{")), (text) => fillIn(text, { a: "b" }, "f") === text));
  });
});
