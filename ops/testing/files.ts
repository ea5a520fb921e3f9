/** Which files are tests, and of which part of the suite. */
import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** Folders without tests of ours; templates are tested as copies. */
const SKIPPED = new Set(["node_modules", ".mcp", ".git", "templates"]);
/** What runs containers, a real Pulumi or thousands of swaps on a chain, and takes its time. */
const LIVE = ["live/", "flashloan/", "toolchain/", "program/policy/", "program/consumer.test.ts"].map((path) => join("test", path));
/** Takes minutes, and the stack for itself: run on demand. */
const FAULTS = join("test", "faults", "faults.test.ts");
const isLive = (file: string): boolean => LIVE.some((path) => file.startsWith(path));

/** Those that deploy a stack: they share it, one file after the other. */
const STACK = ["live/engine/", "live/interruption/", "live/platform/"].map((path) => join("test", path));
const deploysStack = (file: string): boolean => STACK.some((path) => file.startsWith(path));

/** Files of one list run one after the other; `stack` and `parts` may run side by side. `faults` shares the stack with `stack`. */
export interface TestFiles { fast: string[]; stack: string[]; parts: string[]; faults: string[] }

/** Paths relative to the checkout; whole-program tests, which take longest, before unit tests, then by name. */
export function testFiles(root: string): TestFiles {
  const rank = (file: string) => (file.startsWith(`test${sep}`) ? 0 : 1);
  const all = walk(root).map((file) => relative(root, file)).sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  const live = all.filter(isLive);
  return {
    fast: all.filter((file) => !isLive(file) && file !== FAULTS),
    stack: live.filter(deploysStack),
    parts: live.filter((file) => !deploysStack(file)),
    faults: all.filter((file) => file === FAULTS),
  };
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : walk(join(folder, entry.name));
    return entry.name.endsWith(".test.ts") ? [join(folder, entry.name)] : [];
  });
}
