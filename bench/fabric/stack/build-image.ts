/** Builds a staged image, as the deployment would. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { StagedImage } from "../../../components/staging/stage.ts";

const run = promisify(execFile);

/** A client without its buildx plugin cannot use BuildKit; an older one beside it may. */
const CLIENTS = ["docker", "/usr/bin/docker"];

/** @throws {Error} with what each client said */
export async function buildImage(root: string, { name, context, buildArgs }: StagedImage): Promise<void> {
  const args = Object.entries(buildArgs).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]);
  const failures: string[] = [];
  for (const client of CLIENTS) {
    try {
      await run(client, ["build", "--quiet", "--tag", name, ...args, join(root, context)], { env: { ...process.env, DOCKER_BUILDKIT: "1" } });
      return;
    } catch (error) {
      failures.push(`${client}: ${String((error as { stderr?: unknown }).stderr ?? error)}`);
    }
  }
  throw new Error(`Cannot build ${name}:\n${failures.join("\n")}`);
}
