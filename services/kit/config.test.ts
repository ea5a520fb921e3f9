import assert from "node:assert/strict";
import { z } from "zod";
import { AgentEnvironment } from "../../contract/environment.ts";
import { ConfigError, loadConfig } from "./config.ts";

const Schema = z.object({ NAME: z.string(), PORT: z.coerce.number().int(), SECRET: z.string().optional(), LEVEL: z.string().default("info") });
const noFile = (path: string): string => { throw new Error(`ENOENT: no such file, open '${path}'`); };

function problemsOf(env: Record<string, string>, readFile = noFile): readonly string[] {
  try {
    loadConfig(Schema, env, readFile);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
  return assert.fail("accepted");
}

describe("config", () => {
  it("parses, fills defaults and freezes", () => {
    const config = loadConfig(Schema, { NAME: "toolbox", PORT: "8080" });
    assert.deepEqual(config, { NAME: "toolbox", PORT: 8080, LEVEL: "info" });
    assert.throws(() => { (config as { NAME: string }).NAME = "other"; }, TypeError);
  });

  it("reads X from the path in X_FILE, without its final newline", () => {
    const config = loadConfig(Schema, { NAME: "a", PORT: "1", SECRET_FILE: "/run/secrets/s" }, (path) => `content of ${path} \n`);
    assert.equal(config.SECRET, "content of /run/secrets/s ");
  });

  it("reads variables from the file that MCP_SECRETS_FILE names, whatever their values hold", () => {
    const config = loadConfig(Schema, { NAME: "a", PORT: "1", MCP_SECRETS_FILE: "/run/secrets/service.env" }, () => "SECRET=amqp://u:p=w#$@h \nOTHER=x\n");
    assert.equal(config.SECRET, "amqp://u:p=w#$@h ");
  });

  it("says of a secrets file only that and where it is wrong, and does not call missing what may stand in it", () => {
    assert.deepEqual(problemsOf({ PORT: "1", MCP_SECRETS_FILE: "/gone" }), ["MCP_SECRETS_FILE: cannot read the file (ENOENT: no such file, open '/gone')"]);
    assert.deepEqual(problemsOf({ NAME: "a", PORT: "1", MCP_SECRETS_FILE: "/s" }, () => "SECRET=s\nhunter2\n"),
      ["MCP_SECRETS_FILE: cannot read the file (line 2 is not NAME=value)"]);
    assert.deepEqual(problemsOf({ NAME: "a", PORT: "1", SECRET: "s", MCP_SECRETS_FILE: "/s" }, () => "SECRET=t\n"),
      ["SECRET: given twice, as SECRET and MCP_SECRETS_FILE; keep one"]);
  });

  it("lists every problem at once, by the variable's name", () => {
    const problems = problemsOf({ PORT: "eighty", SECRET_FILE: "/run/secrets/gone" });
    assert.deepEqual(problems, [
      "SECRET_FILE: cannot read the file (ENOENT: no such file, open '/run/secrets/gone')",
      "NAME: missing",
      "PORT: Invalid input: expected number, received NaN",
    ]);
  });

  it("refuses a variable given twice, since one of the two would be ignored", () => {
    assert.deepEqual(problemsOf({ NAME: "a", PORT: "1", SECRET: "s", SECRET_FILE: "/s" }), ["SECRET: given twice, as SECRET and SECRET_FILE; keep one"]);
  });

  it("takes an empty variable for an absent one", () => {
    assert.deepEqual(problemsOf({ NAME: "", PORT: "1" }), ["NAME: missing"]);
  });

  it("never shows the value of a secret that does not fit", () => {
    const env = {
      SERVICE_NAME: "builder", SERVICE_HOST: "h", SERVICE_PORT: "3121", MCP_TOKEN_PUBLIC_KEY: "k",
      AGENT_TYPE: "builder", AGENT_ID: "1", AGENT_RABBITMQ_QUEUE: "q", AGENT_REDIS_NAMESPACE: "n", MCP_REDIS_URL: "http://user:hunter2@redis",
    };
    assert.throws(() => loadConfig(AgentEnvironment, env), (error: Error) => /MCP_REDIS_URL: a URL starting with redis:\/\//.test(error.message) && !error.message.includes("hunter2"));
  });
});
