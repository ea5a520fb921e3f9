/** What a verb of the command line is. */
import type { Host } from "../system/host.ts";
import type { Paths } from "../system/paths.ts";
import type { Ui } from "./ui.ts";

export interface Option {
  type: "boolean" | "string";
  short?: string;
  /** Stands for the value in the help, as in `--stack NAME`. */
  value?: string;
  help: string;
}

export interface Arguments {
  positionals: string[];
  flags: Record<string, string | boolean | undefined>;
}

export interface Context {
  host: Host;
  paths: Paths;
  ui: Ui;
  stack: string;
  /** Answer every question with yes. */
  yes: boolean;
  json: boolean;
  quiet: boolean;
  args: Arguments;
}

export interface Verb {
  name: string;
  /** What follows the name, as in `<service>`. */
  synopsis: string;
  /** One line for the list of verbs. */
  summary: string;
  /** Paragraphs for its own help. */
  details?: string;
  options?: Record<string, Option>;
  /** How many positional arguments it takes. */
  positionals?: { min: number; max: number };
  /** It reports, so it takes --json. */
  reports?: boolean;
  /** It works on a stack, so it takes --stack. */
  onStack?: boolean;
  /** @returns the exit code. @throws {Failure} */
  run(context: Context): Promise<number>;
}
