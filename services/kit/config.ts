/** Settings of a service: the only place in services/ that reads the environment. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { parseSecretsFile, SECRETS_FILE_VARIABLE } from "../../contract/secrets-file.ts";
import type { AgentEnvironment, ServerEnvironment, ServiceEnvironment } from "../../contract/environment.ts";
import { messageOf } from "./errors.ts";

export type ServiceConfig = Readonly<z.output<typeof ServiceEnvironment>>;
export type ServerConfig = Readonly<z.output<typeof ServerEnvironment>>;
export type AgentConfig = Readonly<z.output<typeof AgentEnvironment>>;

/** The environment is wrong; the message lists every problem, one a line, and never a value. */
export class ConfigError extends Error {
  override name = "ConfigError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The environment is not usable:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Parses the variables that `schema` names. A variable `X` may be given as `X_FILE`, a path to read it from (a final
 * newline is dropped), or in the file that `MCP_SECRETS_FILE` names; an empty variable counts as absent.
 *
 * A service with variables of its own calls this with its own schema.
 *
 * @throws {ConfigError} listing every problem, not only the first
 */
export function loadConfig<S extends z.ZodObject>(
  schema: S,
  env: Environment = process.env,
  readFile: (path: string) => string = (path) => readFileSync(path, "utf8"),
): Readonly<z.output<S>> {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  const unreadable = new Set<string>();
  const together = readTogether(env[SECRETS_FILE_VARIABLE], readFile, problems);
  for (const name of Object.keys(schema.shape)) {
    const direct = env[name] || undefined;
    const path = env[`${name}_FILE`] || undefined;
    const given = [name, `${name}_FILE`, SECRETS_FILE_VARIABLE].filter((_, index) => [direct, path, together?.[name]][index] !== undefined);
    if (together === null) unreadable.add(name);
    if (given.length > 1) {
      problems.push(`${name}: given twice, as ${given.join(" and ")}; keep one`);
      unreadable.add(name);
    } else if (path !== undefined) {
      try {
        values[name] = readFile(path).replace(/\r?\n$/, "");
      } catch (error) {
        problems.push(`${name}_FILE: cannot read the file (${messageOf(error)})`);
        unreadable.add(name);
      }
    } else {
      const value = direct ?? together?.[name];
      if (value !== undefined) values[name] = value;
    }
  }
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const name = String(issue.path[0]);
      if (unreadable.has(name)) continue;
      problems.push(name in values ? `${issue.path.join(".")}: ${issue.message}` : `${name}: missing`);
    }
  }
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return Object.freeze(parsed.data);
}

/** Null when there should be such a file and it cannot be read. */
function readTogether(path: string | undefined, readFile: (path: string) => string, problems: string[]): Record<string, string> | null {
  if (!path) return {};
  try {
    return parseSecretsFile(readFile(path));
  } catch (error) {
    problems.push(`${SECRETS_FILE_VARIABLE}: cannot read the file (${messageOf(error)})`);
    return null;
  }
}
