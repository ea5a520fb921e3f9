/** One run of the official suite, as a process of its own, and what it found. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const REVISIONS = ["2026-07-28", "2025-11-25"] as const;
export type Revision = (typeof REVISIONS)[number];

export interface Verdict {
  scenarios: { passed: number; total: number };
  checks: { passed: number; total: number };
  /** `scenario:check`, of what failed and of what passed. */
  failed: string[];
  passed: string[];
}

interface Check { id: string; status: string; errorMessage?: string }

const LIMIT_MS = 180_000;

function binary(): string {
  return join(dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/conformance/package.json")), "dist/index.js");
}

/** Every scenario that a server of this revision is asked, scored or not. @throws {Error} when the suite itself breaks */
export async function runSuite(url: string, revision: Revision): Promise<Verdict & { printed: string }> {
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  try {
    const printed = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, [binary(), "server", "--url", url, "--requirements", revision, "--output-dir", folder], { cwd: folder, timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => (error && typeof error.code !== "number" ? reject(error) : resolve(stdout + stderr)));
    });
    return { ...verdictOf(checksIn(folder)), printed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function checksIn(folder: string): Map<string, Check[]> {
  const found = new Map<string, Check[]>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.name !== "checks.json") continue;
    const name = /server-(.+?)-\d{4}-\d{2}-\d{2}T/.exec(entry.parentPath)?.[1] ?? entry.parentPath.split("/").at(-1)!;
    found.set(name, JSON.parse(readFileSync(join(entry.parentPath, entry.name), "utf8")) as Check[]);
  }
  return found;
}

/** What a scenario skips, warns of or only tells counts neither for nor against. Pure. */
export function verdictOf(scenarios: ReadonlyMap<string, readonly Check[]>): Verdict {
  const judged = [...scenarios].map(([name, checks]) => ({ name, counted: checks.filter(({ status }) => status === "SUCCESS" || status === "FAILURE") }));
  const ids = (fails: boolean): string[] =>
    [...new Set(judged.flatMap(({ name, counted }) => counted.filter(({ status }) => (status === "FAILURE") === fails).map(({ id }) => `${name}:${id}`)))].sort();
  const checks = judged.flatMap(({ counted }) => counted);
  return {
    scenarios: { passed: judged.filter(({ counted }) => counted.every(({ status }) => status !== "FAILURE")).length, total: judged.length },
    checks: { passed: checks.filter(({ status }) => status !== "FAILURE").length, total: checks.length },
    failed: ids(true),
    passed: ids(false),
  };
}
