import type { Verb } from "../cli/verb.ts";
import { table } from "../cli/table.ts";
import { allOutputs, publicOutputs } from "../stack/outputs.ts";
import { openStack } from "../stack/stack.ts";

export const outputs: Verb = {
  name: "outputs",
  synopsis: "[--json] [--show-secrets]",
  summary: "Print endpoints, servers and agents of a deployed stack",
  details: "--show-secrets adds the API token and the operator's logins, in clear.",
  onStack: true,
  reports: true,
  options: { "show-secrets": { type: "boolean", help: "print tokens and passwords as well" } },
  async run(context) {
    const stack = await openStack(context);
    const secret = context.args.flags["show-secrets"] ? await allOutputs(stack) : null;
    const found = secret ?? await publicOutputs(stack);
    if (context.json) {
      console.log(JSON.stringify(found, null, 2));
      return 0;
    }
    console.log(`Stack ${found.stack}, network ${found.network.name} (${found.network.subnet})\n`);
    console.log(table(["ENDPOINT", "FROM HERE", "FROM CONTAINERS"], Object.entries(found.endpoints).map(([name, { url, internalUrl }]) => [name, url ?? "-", internalUrl])));
    console.log(`\n${table(["SERVER", "CATEGORY", "HOST", "URL"], found.servers.map((server) => [server.server, server.category, server.host, server.url ?? "-"]))}`);
    console.log(`\n${table(["AGENT", "HOST", "QUEUE"], found.agents.map((agent) => [agent.id, agent.host, agent.queue]))}`);
    if (secret) {
      console.log(`\n${table(["STORE", "USER", "PASSWORD"], Object.entries(secret.credentials).map(([store, login]) => [store, login.username, login.password]))}`);
      console.log(`\nAPI token: ${secret.apiToken}`);
    }
    return 0;
  },
};
