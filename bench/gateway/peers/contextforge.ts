/** IBM's ContextForge in front of a server, as one process without any store but SQLite: its own way to try it. */
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { end } from "../../fabric/peers/child.ts";
import { pythonPackages } from "../../fabric/peers/install.ts";

const PINS = { "mcp-contextforge-gateway": "1.0.7.post20260921" };
const START_MS = 180_000;
const ADMIN = "bench@example.com";

export interface ContextForge {
  url: string;
  token: string;
  /** The server's tool as it names it. */
  tool: string;
  end(): Promise<void>;
}

/**
 * @param server with the token it wants
 * @throws {Error} when it cannot be installed, or does not start
 */
export async function startContextForge(port: number, server: { url: string; token: string }): Promise<ContextForge> {
  const python = await pythonPackages("contextforge", PINS);
  const folder = mkdtempSync(join(tmpdir(), "bench-contextforge-"));
  const secret = (): string => randomBytes(32).toString("base64url");
  // It reads its settings, secrets among them, from nowhere else. They live as long as this run, on loopback.
  const env = {
    PATH: process.env.PATH, HOME: folder, ENVIRONMENT: "development", DATABASE_URL: `sqlite:///${folder}/mcp.db`, CACHE_TYPE: "memory",
    JWT_SECRET_KEY: secret(), AUTH_ENCRYPTION_SECRET: secret(), BASIC_AUTH_PASSWORD: secret(), PLATFORM_ADMIN_EMAIL: ADMIN, PLATFORM_ADMIN_PASSWORD: secret(),
    // Its limits are for a hundred calls a minute, and it refuses servers on loopback.
    RATE_LIMITING_ENABLED: "false", SSRF_ALLOW_LOCALHOST: "true", SSRF_ALLOW_PRIVATE_NETWORKS: "true", LOG_LEVEL: "ERROR",
  };
  const child = spawn(join(dirname(python), "mcpgateway"), ["--host", "127.0.0.1", "--port", String(port)], { env, cwd: folder, stdio: "ignore" });
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { stdout } = await promisify(execFile)(python, ["-m", "mcpgateway.utils.create_jwt_token", "--data", JSON.stringify({ sub: ADMIN }), "--admin", "--exp", "600"], { env, cwd: folder });
    const token = stdout.trim().split("\n").at(-1)!;
    const origin = `http://127.0.0.1:${port}`;
    const deadline = Date.now() + START_MS;
    while (!await fetch(`${origin}/health`, { signal: AbortSignal.timeout(5_000) }).then(({ ok }) => ok, () => false)) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(child.exitCode === null ? `it does not answer after ${START_MS / 1_000} s` : `it ended with ${child.exitCode}`);
      await sleep(500);
    }
    const registered = await fetch(`${origin}/gateways`, {
      method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "bench", url: server.url, transport: "STREAMABLEHTTP", auth_type: "bearer", auth_token: server.token }),
    });
    if (!registered.ok) throw new Error(`it answered ${registered.status} to the server's registration: ${(await registered.text()).slice(0, 300)}`);
    return { url: `${origin}/mcp/`, token, tool: "bench-add-numbers", end: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
