/** nginx with the deployment's own configuration, in front of a hub on this machine. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { end } from "../fabric/peers/child.ts";

const CONFIGS = new URL("../../configs/nginx/", import.meta.url);
const FILES = ["nginx.conf", "proxy.conf", "authorized.conf", "problems.conf"];

export interface Edge { url: string; end(): Promise<void> }

/** @throws {Error} with what nginx said, when it does not start */
export async function startEdge(binary: string, port: number, hubPort: number): Promise<Edge> {
  const folder = mkdtempSync(join(tmpdir(), "bench-edge-"));
  const settings: Record<string, string> = {
    hub: `127.0.0.1:${hubPort}`, maxBodyBytes: "4194304", connectTimeoutSeconds: "2", readTimeoutSeconds: "60", rabbitmqManagement: "127.0.0.1:1",
  };
  for (const file of FILES) {
    const text = readFileSync(new URL(file, CONFIGS), "utf8")
      .replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => settings[name]!)
      .replaceAll(/\/etc\/mcp\/|\/var\/cache\/edge\/|\/tmp\//g, (path) => (path.startsWith("/var") ? `${folder}/cache-` : `${folder}/`))
      .replace("listen 80;", `listen 127.0.0.1:${port};`)
      .replace("access_log /dev/stdout json;", `access_log ${folder}/access.log json;`);
    writeFileSync(join(folder, file), text);
  }
  writeFileSync(join(folder, "rabbitmq-operator.conf"), "");
  const child = spawn(binary, ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", join(folder, "error.log")], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (data: Buffer) => { said += data.toString(); });
  await Promise.race([sleep(500), once(child, "exit"), once(child, "error")]);
  if (child.exitCode !== null || child.pid === undefined) throw new Error(`nginx did not start: ${said.trim()}`);
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    async end() {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
