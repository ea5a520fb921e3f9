/** Finds the containers a person means. Pure but for asking the engine. */
import { SERVICE_LABEL } from "../../contract/labels.ts";
import { nearest } from "../cli/arguments.ts";
import { containers, ofStack, type EngineContainer } from "../system/engine.ts";
import { misused, missing } from "../system/failure.ts";
import type { Host } from "../system/host.ts";

/** All containers of a stack, by name. @throws {Failure} with exit code 3 when there are none */
export async function stackContainers(host: Host, stack: string): Promise<EngineContainer[]> {
  const found = await containers(host, ofStack(stack));
  if (found.length === 0) throw missing(`stack ${stack} has no containers: run "./mcp up --stack ${stack}" first.`);
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * A service's name means all its instances; a container's name, with or without the stack's prefix, means that one.
 *
 * @throws {Failure} with exit code 2 when nothing has the name
 */
export function named(all: readonly EngineContainer[], word: string): EngineContainer[] {
  const byService = all.filter((container) => container.labels[SERVICE_LABEL] === word);
  if (byService.length > 0) return byService;
  const exact = all.filter((container) => container.name === word);
  if (exact.length > 0) return exact;
  const instance = all.filter((container) => container.name.endsWith(`-${word}`) && word.startsWith("mcp-"));
  if (instance.length === 1) return instance;
  const known = [...new Set(all.map((container) => container.labels[SERVICE_LABEL] ?? container.name))];
  const near = nearest(word, known);
  throw misused(`no service "${word}"${near ? `; did you mean "${near}"?` : ""} Services: ${known.sort().join(", ")}.`);
}
