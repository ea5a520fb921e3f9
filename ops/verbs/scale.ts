import { Failure, misused } from "../system/failure.ts";
import type { Verb } from "../cli/verb.ts";
import { planOf } from "../stack/plan.ts";
import { up } from "../stack/up.ts";
import { assertStack, syncWorkingCopy, writeWorkingCopy } from "../stack/working-copy.ts";
import type { Value } from "../stack/merge.ts";

const KEY = "mcp:replicas";

export const scale: Verb = {
  name: "scale",
  synopsis: "<name>=<number>…",
  summary: "Set how many instances of servers or agents run, and deploy",
  details: `
As in "./mcp scale code-indexer=3 toolbox=2". The numbers are kept in the working copy of the stack file; write them
into Pulumi.<stack>.yaml to make them everybody's.`,
  onStack: true,
  positionals: { min: 1, max: 64 },
  async run(context) {
    const { args, paths, stack } = context;
    assertStack(paths, stack);
    const wanted = Object.fromEntries(args.positionals.map(parseScale));
    const file = syncWorkingCopy(paths, stack);
    const config = (file.config ?? {}) as Record<string, Value>;
    const scaled = { ...config, [KEY]: { ...replicas(config[KEY]), ...wanted } };
    // Refused before it is written.
    planOf(paths, stack, scaled);
    writeWorkingCopy(paths, stack, { ...file, config: scaled });
    try {
      return await up(context);
    } catch (error) {
      // Refused before anything was changed: then this is not changed either, but for what Pulumi wrote there meanwhile.
      if (error instanceof Failure && error.exitCode !== 1) {
        writeWorkingCopy(paths, stack, { ...syncWorkingCopy(paths, stack), config });
      }
      throw error;
    }
  },
};

/** `code-indexer=3` → ["code-indexer", 3]. @throws {Failure} with exit code 2 */
export function parseScale(word: string): [string, number] {
  const match = /^([a-z][a-z0-9-]*)=(\d+)$/.exec(word);
  if (!match) throw misused(`scale: "${word}" is not of the form name=number, as in "code-indexer=3".`);
  return [match[1]!, Number(match[2])];
}

/** Pulumi keeps an object that was set as text as text. */
function replicas(value: Value | undefined): Record<string, Value> {
  const parsed = typeof value === "string" ? JSON.parse(value) as Value : value;
  return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? parsed : {};
}
