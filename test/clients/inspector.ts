/** MCP Inspector's command line: a process for each question, as a person or a script asks it. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { toldOf, type OutsideClient } from "./outside-client.ts";

/** As its README has them. */
const EXIT = { done: 0, auth: 3, toolError: 5 } as const;
const LIMIT_MS = 20_000;

function binary(): string {
  const manifest = createRequire(import.meta.url).resolve("@modelcontextprotocol/inspector/package.json");
  return join(dirname(manifest), (createRequire(import.meta.url)(manifest) as { bin: Record<string, string> }).bin["mcp-inspector"]!);
}

export const inspector = (revision: OutsideClient["revision"]): OutsideClient => ({
  name: `@modelcontextprotocol/inspector, ${revision}`, revision, asksOnlyForListed: true,
  async open(url, token) {
    // It keeps what it knows of servers in the home folder.
    const home = mkdtempSync(join(tmpdir(), "inspector-"));
    const ask = (...words: string[]) => new Promise<{ code: number; result: any; said: string }>((resolve, reject) => {
      const args = [
        binary(), "--cli", url, "--transport", "http", "--protocol-era", revision === "2026-07-28" ? "modern" : "legacy", "--stored-auth-only",
        "--format", "json", "--header", `Authorization: Bearer ${token}`, ...words,
      ];
      execFile(process.execPath, args, { env: { ...process.env, HOME: home }, timeout: LIMIT_MS, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
        const code = error ? error.code : EXIT.done;
        if (typeof code !== "number") return reject(error);
        resolve({ code, result: stdout.trim() === "" ? null : JSON.parse(stdout).result, said: stderr });
      });
    });
    return {
      async tools() {
        const { code, result, said } = await ask("--method", "tools/list");
        if (code !== EXIT.done) throw new Error(`exit ${code}${code === EXIT.auth ? " (401)" : ""}: ${said}`);
        return result.tools.map(({ name }: { name: string }) => name);
      },
      async call(name, input) {
        const { code, result, said } = await ask("--method", "tools/call", "--tool-name", name, "--tool-args-json", JSON.stringify(input));
        if (result === null || (code !== EXIT.done && code !== EXIT.toolError)) throw new Error(`exit ${code}: ${said}`);
        if ((code === EXIT.toolError) !== (result.isError === true)) throw new Error(`exit ${code} for ${JSON.stringify(result)}`);
        return toldOf(result);
      },
      async close() {
        rmSync(home, { recursive: true, force: true });
      },
    };
  },
});
