import type { Context, Verb } from "../cli/verb.ts";
import { takeDown } from "../stack/down.ts";
import { volumes } from "../system/engine.ts";
import { misused } from "../system/failure.ts";

export const down: Verb = {
  name: "down",
  synopsis: "[--stack dev] [--volumes] [--forget]",
  summary: "Remove containers and networks; volumes stay unless told otherwise",
  details: `
The data volumes and the root key that opens them stay, so that "./mcp up" finds its data again. --volumes removes
both after asking. --forget is for a state that cannot be read any more (its passphrase is lost): it removes containers
and networks by their label and sets the state aside.`,
  options: {
    volumes: { type: "boolean", help: "remove the data as well; asks unless --yes is given" },
    forget: { type: "boolean", help: "remove by label, without the state; asks unless --yes is given" },
  },
  onStack: true,
  async run(context: Context) {
    const alsoVolumes = context.args.flags.volumes === true;
    const forget = context.args.flags.forget === true;
    if (alsoVolumes || forget) await confirm(context, alsoVolumes, forget);
    await takeDown(context, { volumes: alsoVolumes, forget });
    return 0;
  },
};

/** @throws {Failure} with exit code 2 unless the answer is yes */
async function confirm({ ui, yes, stack, host }: Context, alsoVolumes: boolean, forget: boolean): Promise<void> {
  if (yes) return;
  const names = alsoVolumes ? await volumes(host, stack).catch(() => []) : [];
  const what = [
    ...(forget ? [`sets the state of stack ${stack} aside`] : []),
    ...(alsoVolumes ? [`removes all data of stack ${stack}${names.length > 0 ? `, the volumes ${names.join(", ")}` : ""}`] : []),
  ].join(" and ");
  if (!await ui.ask(`This ${what}. Go on?`)) throw misused(`nothing was changed; "--yes" answers the question in scripts.`);
}
