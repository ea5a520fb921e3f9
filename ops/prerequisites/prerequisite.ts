/** A thing the machine must have before a stack can be deployed. */
import type { Ui } from "../cli/ui.ts";
import type { Host } from "../system/host.ts";
import type { Paths } from "../system/paths.ts";

export type Finding =
  | { state: "found"; what: string }
  /** `remedy` is what `./mcp up` will do about it, or what the reader must do. */
  | { state: "missing"; what: string; remedy: string };

export interface Setting { host: Host; paths: Paths; ui: Ui }

export interface Prerequisite {
  name: string;
  /** Looks, and changes nothing. */
  check(setting: Setting): Promise<Finding>;
  /** Makes it so; at once when it is so already. @throws {Failure} with exit code 3 and the remedy */
  provide(setting: Setting): Promise<void>;
}
