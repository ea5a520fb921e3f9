/** All prerequisites, in the order in which they are provided. */
import { baseImage } from "./base-image.ts";
import { docker } from "./docker.ts";
import type { Prerequisite, Setting } from "./prerequisite.ts";
import { pulumi } from "./pulumi.ts";

export const PREREQUISITES: readonly Prerequisite[] = [docker, pulumi, baseImage];

/** @throws {Failure} with exit code 3 for the first one that cannot be had */
export async function provideAll(setting: Setting): Promise<void> {
  for (const prerequisite of PREREQUISITES) await prerequisite.provide(setting);
}
