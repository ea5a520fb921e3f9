import type { Verb } from "../cli/verb.ts";
import { named, stackContainers } from "../stack/services.ts";
import { docker } from "../system/engine.ts";

export const restart: Verb = {
  name: "restart",
  synopsis: "<service>",
  summary: "Stop the containers of a service in good order, and start them again",
  onStack: true,
  positionals: { min: 1, max: 1 },
  async run({ args, host, stack, ui }) {
    const wanted = named(await stackContainers(host, stack), args.positionals[0]!);
    // One after the other: with several instances the service stays there.
    for (const container of wanted) {
      ui.progress(`restarting ${container.name}`);
      await docker(host, ["restart", container.id]);
      ui.say(`${container.name} restarted`);
    }
    return 0;
  },
};
