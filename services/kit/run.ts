/** The outermost call of a process. */
import { ConfigError } from "./config.ts";
import { messageOf } from "./errors.ts";
import { createLogger } from "./log.ts";

/** Runs `main`; what it throws is logged and ends the process with 1. */
export async function runMain(service: string, main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const fields = error instanceof ConfigError ? { problems: error.problems } : { err: error };
    createLogger(service, "info").fatal(fields, messageOf(error));
    process.exit(1);
  }
}
