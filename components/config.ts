/** The one reader of stack configuration. */
import * as pulumi from "@pulumi/pulumi";
import { parseSettings, SettingsError, type Settings } from "../contract/settings.ts";
import { StagingError } from "./staging/packages.ts";

const NAMESPACE = "mcp:";

/** `mcp:` keys of the stack. @throws {SettingsError} */
export function readSettings(): Settings {
  return parseSettings(Object.fromEntries(Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(NAMESPACE))
    .map(([key, value]) => [key.slice(NAMESPACE.length), value])));
}

/** Runs a program whose wrong settings and sources are reported line by line, without a stack trace. */
export async function withReadableErrors<T>(program: () => Promise<T>): Promise<T> {
  try {
    return await program();
  } catch (error) {
    if (error instanceof SettingsError || error instanceof StagingError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
