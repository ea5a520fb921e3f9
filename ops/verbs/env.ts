import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Verb } from "../cli/verb.ts";
import { provideAll } from "../prerequisites/index.ts";
import { providePulumi } from "../prerequisites/pulumi.ts";
import { pulumiVariables } from "../stack/environment.ts";
import { assertStack, shippedStacks, syncWorkingCopy } from "../stack/working-copy.ts";

export const env: Verb = {
  name: "env",
  synopsis: "[--stack NAME]",
  summary: 'Print a shell\'s settings for plain pulumi: eval "$(./mcp env)"',
  details: `
In that shell "pulumi preview --stack dev" and "pulumi up --stack dev" work from the checkout's folder and give what
"./mcp preview" and "./mcp up" give. Nothing of it outlives the shell. With --stack, that stack needs no naming there.`,
  onStack: true,
  async run(context) {
    const { host, paths } = context;
    await provideAll(context);
    const tools = await providePulumi(context);
    for (const stack of shippedStacks(paths)) syncWorkingCopy(paths, stack);
    const named = context.args.flags.stack === undefined ? {} : { PULUMI_STACK: context.stack };
    if (named.PULUMI_STACK) assertStack(paths, named.PULUMI_STACK);
    const variables = { ...pulumiVariables(paths, host.env, tools), ...named };
    const bin = join(paths.home, "bin");
    writeShim(bin, join(tools.bin, "pulumi"), join(paths.root, "ops", "stack", "shim.ts"));
    const rest = variables.PATH.split(delimiter).filter((folder) => folder !== bin);
    for (const [name, value] of Object.entries({ ...variables, PATH: [bin, ...rest].join(delimiter) })) {
      console.log(`export ${name}=${quote(value)}`);
    }
    return 0;
  },
};

/** A word for a POSIX shell. */
export const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function writeShim(bin: string, pulumi: string, preparation: string): void {
  mkdirSync(bin, { recursive: true });
  const file = join(bin, "pulumi");
  writeFileSync(`${file}.${process.pid}`, `#!/bin/sh
# Written by "./mcp env": prepares the stack files, then runs Pulumi. Where Ctrl-C is ignored, as in a background job,
# Pulumi would wait 5 s at its end: the signal is restored.
${quote(process.execPath)} ${quote(preparation)} ${quote(pulumi)} "$@" || exit $?
if env --default-signal=INT true 2>/dev/null; then exec env --default-signal=INT ${quote(pulumi)} "$@"; fi
exec ${quote(pulumi)} "$@"
`);
  chmodSync(`${file}.${process.pid}`, 0o755);
  renameSync(`${file}.${process.pid}`, file);
}
