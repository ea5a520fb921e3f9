import { blockNumber, mine, parseBlocks, revertTo, takeSnapshot } from "../devnet/chain-rpc.ts";
import type { Context, Verb } from "../cli/verb.ts";
import { publicOutputs } from "../stack/outputs.ts";
import { named, stackContainers } from "../stack/services.ts";
import { openStack } from "../stack/stack.ts";
import { docker } from "../system/engine.ts";
import { failed, misused } from "../system/failure.ts";

const SERVICE = "devnet";
/** The image's start script looks for it. */
const RESET_FILE = "/data/reset";
const WORDS = ["reset", "snapshot", "revert", "mine"] as const;

export const devnet: Verb = {
  name: "devnet",
  synopsis: "reset | snapshot | revert <id> | mine [<blocks>]",
  summary: "Take the local chain back to what it began with or to a snapshot, or on by some blocks",
  details: `
reset forgets everything since the market was made, or since the block that a fork begins at; snapshots too. revert goes back to what snapshot kept; a restart
of the chain forgets snapshots. Services see both as a reorganisation of the chain.`,
  onStack: true,
  reports: true,
  positionals: { min: 1, max: 2 },
  async run(context) {
    const [word, argument] = context.args.positionals;
    if (word === "reset" && argument === undefined) return reset(context);
    if (word === "snapshot" && argument === undefined) {
      const url = await chainUrl(context);
      return tell(context, { snapshot: await takeSnapshot(url), block: await blockNumber(url) }, ({ snapshot, block }) => `snapshot ${snapshot} of block ${block}`);
    }
    if (word === "revert" && argument !== undefined) {
      const url = await chainUrl(context);
      return tell(context, { snapshot: await revertTo(url, argument), block: await blockNumber(url) },
        ({ snapshot, block }) => `back at block ${block}, which is snapshot ${snapshot} now`);
    }
    if (word === "mine") {
      const blocks = parseBlocks(argument);
      return tell(context, { block: await mine(await chainUrl(context), blocks) }, ({ block }) => `at block ${block}`);
    }
    throw misused(`"devnet ${context.args.positionals.join(" ")}" is none of ${WORDS.join(", ")}; revert wants a snapshot's id. "./mcp devnet --help" tells more.`);
  },
};

function tell<T>({ json, ui }: Context, found: T, text: (found: T) => string): number {
  if (json) console.log(JSON.stringify(found, null, 2));
  else ui.say(text(found));
  return 0;
}

/** @throws {Failure} with exit code 1 where the stack has no local chain, or does not publish it */
async function chainUrl(context: Context): Promise<string> {
  const { endpoints } = await publicOutputs(await openStack(context));
  const url = endpoints.devnet?.url;
  if (!url) throw failed(`stack ${context.stack} has no local chain that is reachable from here: its mcp:devnet.enabled is false, or its mcp:exposure is edge.`);
  return url;
}

async function reset(context: Context): Promise<number> {
  const { host, stack } = context;
  const [container] = named(await stackContainers(host, stack), SERVICE);
  await docker(host, ["exec", container!.id, "touch", RESET_FILE]);
  await docker(host, ["restart", container!.id]);
  return tell(context, { reset: true }, () => "the chain begins anew");
}
