/** What the command line of Pulumi says about stack and folder. Pure. */

/** Value of `--cwd` or `-C`; null without. */
export function workingDirectory(words: readonly string[]): string | null {
  return valueOf(words, "--cwd", "-C");
}

/**
 * The stack that must exist for this command, without organisation and project; null where none is named, and for a
 * command that makes or removes one itself.
 *
 * @param variable value of PULUMI_STACK
 */
export function stackToInitialise(words: readonly string[], variable?: string): string | null {
  const commands = words.filter((word) => !word.startsWith("-"));
  const isStack = commands[0] === "stack";
  if (isStack && ["init", "new", "rm", "ls", "rename"].includes(commands[1] ?? "")) return null;
  const name = valueOf(words, "--stack", "-s") ?? (isStack && commands[1] === "select" ? commands[2] : undefined) ?? variable;
  return name?.split("/").at(-1) || null;
}

function valueOf(words: readonly string[], long: string, short: string): string | null {
  for (const [at, word] of words.entries()) {
    if (word === "--") return null;
    if (word === long || word === short) return words[at + 1] ?? null;
    if (word.startsWith(`${long}=`)) return word.slice(long.length + 1);
    if (word.startsWith(short) && !word.startsWith("--")) return word.slice(short.length).replace(/^=/, "");
  }
  return null;
}
