/** Docker Compose from its Go module, cached outside the checkout. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

const MODULE = "github.com/docker/compose/v5";
const VERSION = "v5.6.0";

/** Path of the binary; builds it on first use (under a minute). */
export function composeBinary(): string {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "flash-loan-mcp", "bench");
  const binary = join(cache, `docker-compose-${VERSION}`);
  if (existsSync(binary)) return binary;
  console.error(`bench: building Docker Compose ${VERSION}`);
  const work = mkdtempSync(join(tmpdir(), "compose-"));
  try {
    writeFileSync(join(work, "go.mod"), "module bench.local/compose\n\ngo 1.26\n");
    writeFileSync(join(work, "tools.go"), `//go:build tools\n\npackage tools\n\nimport _ "${MODULE}/cmd"\n`);
    const go = (...args: string[]) => execFileSync("go", args, { cwd: work, stdio: ["ignore", "ignore", "inherit"] });
    go("get", `${MODULE}@${VERSION}`);
    go("mod", "tidy", "-e");
    go("build", "-ldflags", `-s -w -X ${MODULE}/internal.Version=${VERSION}`, "-o", "docker-compose", `${MODULE}/cmd`);
    mkdirSync(cache, { recursive: true });
    renameSync(join(work, "docker-compose"), binary);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return binary;
}
