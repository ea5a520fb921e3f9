import type { Verb } from "../cli/verb.ts";
import { provideAll } from "../prerequisites/index.ts";
import { planOf } from "../stack/plan.ts";
import { handToPulumi, openStack } from "../stack/stack.ts";

export const preview: Verb = {
  name: "preview",
  synopsis: "[--stack dev] [--diff] [--expect-no-changes]",
  summary: "Show what up would change",
  onStack: true,
  reports: true,
  options: {
    diff: { type: "boolean", help: "show every changed property" },
    "expect-no-changes": { type: "boolean", help: "fail when anything would change" },
  },
  async run(context) {
    await provideAll(context);
    const stack = await openStack(context);
    planOf(stack.paths, stack.name, stack.config);
    const flags = ["diff", "expect-no-changes"].filter((name) => context.args.flags[name]).map((name) => `--${name}`);
    const code = await handToPulumi(stack, ["preview", "--stack", stack.name, ...flags, ...(context.json ? ["--json"] : [])]);
    return code === 0 ? 0 : 1;
  },
};
