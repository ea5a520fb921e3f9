/** Packages of the distribution, installed with apt-get. */
import { missing } from "../system/failure.ts";
import { canInstall, type Host } from "../system/host.ts";
import { lastLines, run } from "../system/processes.ts";
import type { Setting } from "./prerequisite.ts";

/** One line: how to get packages on this machine, when we may not install them. */
export function installRemedy(host: Host, packages: readonly string[], elsewhere: string): string {
  const debian = host.distribution === "debian" || host.distribution === "ubuntu";
  return debian ? `run "sudo apt-get install -y ${packages.join(" ")}", then ./mcp again` : `${elsewhere}, then run ./mcp again`;
}

/** @throws {Failure} with exit code 3 where packages cannot be installed */
export async function installPackages(setting: Setting, what: string, packages: readonly string[], elsewhere: string): Promise<void> {
  const { host, ui } = setting;
  const remedy = installRemedy(host, packages, elsewhere);
  if (!canInstall(host)) throw missing(`${what} is missing: ${remedy}.`);
  ui.say(`Installing ${packages.join(", ")} from the distribution's packages`);
  const env = { ...host.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", ...packages]]) {
    const result = await run("apt-get", ["-q", ...args], { env, onLine: (line) => ui.progress(line) });
    ui.progress("");
    if (result.code !== 0) {
      throw missing(`${what} is missing, and "apt-get ${args.join(" ")}" failed (${lastLines(result.stderr, 1)}): ${remedy}.`);
    }
  }
}
