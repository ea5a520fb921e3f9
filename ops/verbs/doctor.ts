import { table } from "../cli/table.ts";
import type { Verb } from "../cli/verb.ts";
import { PREREQUISITES } from "../prerequisites/index.ts";
import type { Finding } from "../prerequisites/prerequisite.ts";
import { misused } from "../system/failure.ts";
import { doctorServers } from "./doctor-servers.ts";

const SERVERS = "servers";

export const doctor: Verb = {
  name: "doctor",
  synopsis: "[servers] [--json]",
  summary: "Show each prerequisite, or what is wrong with registered servers, and the remedy",
  details: `
Changes nothing. Exits with 3 when a prerequisite is missing, also when ./mcp up would provide it.

"./mcp doctor servers" asks each registered MCP server of a running stack, and the hub about it: whether it answers and how fast,
which protocol revisions it speaks, how old the hub's copy of its lists is, tools without description or annotations, schemas
that do not compile, names that collide or shadow, and texts that try to instruct the model, with the words found. Exits with
1 when a finding is an error.`,
  onStack: true,
  reports: true,
  positionals: { min: 0, max: 1 },
  async run(context) {
    const [subject] = context.args.positionals;
    if (subject === SERVERS) return doctorServers(context);
    if (subject !== undefined) throw misused(`doctor: found "${subject}"; there is "./mcp doctor" and "./mcp doctor ${SERVERS}".`);
    const findings: ({ name: string } & Finding)[] = [
      // The launcher has seen to these two, or we would not be here.
      { name: "node", state: "found", what: `Node ${process.version} (${process.execPath})` },
      { name: "npm packages", state: "found", what: "as in package-lock.json" },
    ];
    for (const prerequisite of PREREQUISITES) findings.push({ name: prerequisite.name, ...await prerequisite.check(context) });
    if (context.json) console.log(JSON.stringify(findings, null, 2));
    else {
      console.log(table(["PREREQUISITE", "STATE", "FOUND", "REMEDY"],
        findings.map((finding) => [finding.name, finding.state, finding.what, finding.state === "missing" ? finding.remedy : "-"])));
    }
    return findings.every(({ state }) => state === "found") ? 0 : 3;
  },
};
