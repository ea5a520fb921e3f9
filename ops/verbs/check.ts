import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Verb } from "../cli/verb.ts";
import { allOutputs } from "../stack/outputs.ts";
import { openStack } from "../stack/stack.ts";
import { hand } from "../system/processes.ts";

export const check: Verb = {
  name: "check",
  synopsis: "[--disruptive] [--grep TEXT]",
  summary: "Verify a deployed stack against the contract",
  details: `
Goes over network, broker, stores, servers, agents and the edge, with the stack's outputs and the engine's API alone; one
line a check. --disruptive adds the cases that stop containers; it is the default for the stack "test".`,
  onStack: true,
  reports: true,
  options: {
    disruptive: { type: "boolean", help: "also stop and start containers" },
    grep: { type: "string", value: "TEXT", help: "only checks whose title holds the text" },
  },
  async run(context) {
    const { args: { flags }, host, json, paths } = context;
    const stack = await openStack(context);
    const outputs = await allOutputs(stack);
    const folder = mkdtempSync(join(tmpdir(), "mcp-check-"));
    try {
      const file = join(folder, "outputs.json");
      writeFileSync(file, JSON.stringify(outputs), { mode: 0o600 });
      const code = await hand(process.execPath, [
        join(paths.root, "node_modules", "mocha", "bin", "mocha.js"), "--require", "./checks/support/stores.ts", "checks/**/*.check.ts", "--timeout", "60000",
        ...(json ? ["--reporter", "json"] : []), ...(flags.grep ? ["--fgrep", String(flags.grep)] : []),
      ], {
        cwd: paths.root,
        env: { ...host.env, MCP_STACK_OUTPUTS: file, MCP_CHECK_DISRUPTIVE: flags.disruptive || stack.name === "test" ? "1" : "0" },
      });
      return code === 0 ? 0 : 1;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
