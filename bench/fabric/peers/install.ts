/** Peers' packages in cache folders outside the checkout, one for each set of versions. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { NPM, PYPI } from "./versions.ts";

const run = promisify(execFile);
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "flash-loan-mcp", "bench");
/** Written last: a folder without it is half an installation. */
const WHOLE = ".whole";
const LIMIT_MS = 300_000;

/** @throws {Error} with what the installer said, when it cannot be had */
async function installed(name: string, versions: Record<string, string>, install: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(CACHE, `${name}-${createHash("sha256").update(JSON.stringify(versions)).digest("hex").slice(0, 12)}`);
  if (existsSync(join(folder, WHOLE))) return folder;
  console.error(`bench: installing ${Object.entries(versions).map(([what, version]) => `${what} ${version}`).join(", ")}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await install(folder).catch((error: { stderr?: string }) => {
    throw new Error(`cannot be installed: ${(error.stderr ?? String(error)).trim().split("\n").slice(-3).join(" ")}`, { cause: error });
  });
  writeFileSync(join(folder, WHOLE), "");
  return folder;
}

/** @returns a folder with `node_modules`; nothing of a package runs while it is installed */
export const npmPeers = (): Promise<string> => installed("npm-peers", NPM, async (folder) => {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: NPM }));
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder, timeout: LIMIT_MS });
});

/**
 * Packages of PyPI.
 *
 * @param pins name → version
 * @returns the interpreter of a virtual environment that has them
 */
export async function pythonPackages(name: string, pins: Record<string, string>): Promise<string> {
  const interpreter = (folder: string): string => join(folder, "bin", "python");
  return interpreter(await installed(name, pins, async (folder) => {
    await run("python3", ["-m", "venv", folder], { timeout: LIMIT_MS });
    const packages = Object.entries(pins).map(([what, version]) => `${what}==${version}`);
    await run(interpreter(folder), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages], { timeout: LIMIT_MS });
  }));
}

export const pythonPeers = (): Promise<string> => pythonPackages("python-peers", PYPI);
