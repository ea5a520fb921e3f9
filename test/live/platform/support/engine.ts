/** The engine's view of a stack, to tell exactly what a command changed. */
import { execFileSync } from "node:child_process";

export function docker(...args: string[]): string {
  return execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 26 });
}

const lines = (text: string): string[] => text.split("\n").filter(Boolean).sort();

/** Container name → id, of everything that carries the stack's label. */
export function containers(stack: string): Map<string, string> {
  return new Map(lines(docker("ps", "-a", "--no-trunc", "--filter", `label=mcp.stack=${stack}`, "--format", "{{.Names}} {{.ID}}"))
    .map((line) => line.split(" ") as [string, string]));
}

export const networks = (stack: string): string[] => lines(docker("network", "ls", "--filter", `label=mcp.stack=${stack}`, "--format", "{{.Name}}"));
export const volumes = (stack: string): string[] => lines(docker("volume", "ls", "--filter", `label=mcp.stack=${stack}`, "--format", "{{.Name}}"));

/** Names of containers that are new or have another id. */
export function replaced(before: Map<string, string>, after: Map<string, string>): string[] {
  return [...after].filter(([name, id]) => before.get(name) !== id).map(([name]) => name).sort();
}

/** Clears what an interrupted earlier run left: by label, so nothing else is touched. */
export function clear(stack: string): void {
  const ids = [...containers(stack).values()];
  if (ids.length) docker("rm", "-f", "-v", ...ids);
  for (const network of networks(stack)) docker("network", "rm", network);
  const names = volumes(stack);
  if (names.length) docker("volume", "rm", ...names);
}
