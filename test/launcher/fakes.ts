/** Fake programs on a PATH of their own: what each does is a few lines of shell, what was called is recorded. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Ui } from "../../ops/cli/ui.ts";
import type { Setting } from "../../ops/prerequisites/prerequisite.ts";
import type { Host } from "../../ops/system/host.ts";
import { which } from "../../ops/system/processes.ts";

/** Programs of the base system that launcher and fakes may use for real. */
const REAL = ["sh", "bash", "cat", "cp", "cut", "dirname", "env", "flock", "grep", "gzip", "head", "id", "mkdir", "mv", "readlink", "rm", "sed", "sha256sum", "sleep", "sort", "tail", "tar", "touch", "tr", "uname"];

export class Sandbox {
  readonly folder = mkdtempSync(join(tmpdir(), "mcp-fakes-"));
  readonly bin = join(this.folder, "bin");
  readonly root = join(this.folder, "checkout");
  readonly said: string[] = [];

  constructor() {
    for (const folder of [this.bin, join(this.folder, "base"), this.root, join(this.folder, "home")]) mkdirSync(folder);
    for (const name of REAL) {
      const real = which(name);
      if (real) symlinkSync(real, join(this.folder, "base", name));
    }
  }

  /** Puts a program on PATH. Its shell lines see its arguments; `$state` is a folder that all fakes share. */
  fake(name: string, lines: string): void {
    const file = join(this.bin, name);
    writeFileSync(file, `#!/bin/sh\nstate='${this.folder}'\nprintf '%s\\n' "${name} $*" >>"$state/calls"\n${lines}\n`);
    chmodSync(file, 0o755);
  }

  /** Every call of a fake, in order. */
  calls(): string[] {
    const file = join(this.folder, "calls");
    return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  }

  get env(): Record<string, string> {
    return { PATH: [this.bin, join(this.folder, "base")].join(delimiter), HOME: join(this.folder, "home") };
  }

  /** A Debian machine whose root asks, unless said otherwise. */
  setting(host: Partial<Host> = {}): Setting {
    const ui: Ui = { say: (line) => this.said.push(line), warn: (line) => this.said.push(line), progress: () => {}, ask: async () => false };
    return {
      host: { uid: 0, systemd: false, distribution: "debian", enginePidFile: join(this.folder, "docker.pid"), ...host, env: { ...this.env, ...host.env } },
      paths: { root: this.root, home: join(this.root, ".mcp"), cache: join(this.folder, "home", ".cache", "flash-loan-mcp") },
      ui,
    };
  }

  remove(): void { rmSync(this.folder, { recursive: true, force: true }); }
}
