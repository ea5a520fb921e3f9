/** A Python with the packages of examples/python-worker, outside the checkout, made once for each list of packages. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "./rig.ts";

const run = promisify(execFile);
const REQUIREMENTS = join(ROOT, "examples/python-worker/requirements.txt");

/** @returns path of its interpreter */
export async function workerPython(): Promise<string> {
  const folder = join(tmpdir(), `mcp-python-worker-${createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 12)}`);
  const python = join(folder, "bin/python");
  const ready = join(folder, "ready");
  if (existsSync(ready)) return python;
  rmSync(folder, { recursive: true, force: true });
  await run("python3", ["-m", "venv", folder]);
  await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:", "--requirement", REQUIREMENTS]);
  // Half an environment must not look like a whole one.
  await run("touch", [`${ready}.half`]);
  renameSync(`${ready}.half`, ready);
  return python;
}
