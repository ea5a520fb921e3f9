import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Verb } from "../cli/verb.ts";
import { named, stackContainers } from "../stack/services.ts";
import type { EngineContainer } from "../system/engine.ts";
import { misused } from "../system/failure.ts";
import type { Host } from "../system/host.ts";
import { hand } from "../system/processes.ts";

export const logs: Verb = {
  name: "logs",
  synopsis: "[service] [-f] [--tail 100]",
  summary: "Print the log of one service, or of all",
  onStack: true,
  positionals: { min: 0, max: 1 },
  options: {
    follow: { type: "boolean", short: "f", help: "go on as lines come, until Ctrl-C" },
    tail: { type: "string", value: "N", help: "begin N lines before the end (default: 100)" },
  },
  async run({ args, host, stack }) {
    const all = await stackContainers(host, stack);
    const wanted = args.positionals[0] === undefined ? all : named(all, args.positionals[0]);
    const tail = String(args.flags.tail ?? "100");
    if (!/^(\d+|all)$/.test(tail)) throw misused('logs: --tail wants a number of lines or "all".');
    return showLogs(host, wanted, { follow: args.flags.follow === true, tail });
  },
};

export async function showLogs(host: Host, wanted: readonly EngineContainer[], { follow, tail }: { follow: boolean; tail: string }): Promise<number> {
  const options = ["--tail", tail, ...(follow ? ["--follow"] : [])];
  const [only] = wanted;
  if (only && wanted.length === 1) {
    const code = await hand("docker", ["logs", ...options, only.name], { env: host.env });
    // Ctrl-C is how one stops following.
    return code === 130 ? 0 : code;
  }
  const width = Math.max(...wanted.map((container) => container.name.length));
  const children = wanted.map((container) => {
    const child = spawn("docker", ["logs", ...options, container.name], { env: host.env as NodeJS.ProcessEnv, stdio: ["ignore", "pipe", "pipe"] });
    for (const output of [child.stdout, child.stderr]) {
      createInterface({ input: output }).on("line", (line) => console.log(`${container.name.padEnd(width)} | ${line}`));
    }
    return new Promise<void>((resolve) => { child.on("error", () => resolve()).on("close", () => resolve()); });
  });
  await Promise.all(children);
  return 0;
}
