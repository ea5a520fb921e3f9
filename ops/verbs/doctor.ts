import { table } from "../cli/table.ts";
import type { Verb } from "../cli/verb.ts";
import { PREREQUISITES } from "../prerequisites/index.ts";
import type { Finding } from "../prerequisites/prerequisite.ts";

export const doctor: Verb = {
  name: "doctor",
  synopsis: "[--json]",
  summary: "Show each prerequisite, what was found, and the remedy",
  details: "Changes nothing. Exits with 3 when something is missing, also when ./mcp up would provide it.",
  reports: true,
  async run(context) {
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
