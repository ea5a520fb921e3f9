/**
 * The official conformance suite against a fixture server on our kit, directly and through the gateway, for both revisions.
 *
 *     node test/conformance/main.ts [--revision 2026-07-28] [--way direct|gateway] [--failed]
 *
 * Prints scenarios and checks passed and total, one line a run; ends with 1 when the gateway fails what the server passes, or when
 * expected-failures.yaml is not what failed. The suite fixes the names it calls, so here the gateway offers them without its prefix.
 */
import { parseArgs } from "node:util";
import { compared, runAll, WAYS, type Way } from "./runs.ts";
import { REVISIONS, type Revision } from "./suite.ts";

const { values } = parseArgs({ options: { revision: { type: "string" }, way: { type: "string" }, failed: { type: "boolean", default: false } } });
const revisions = REVISIONS.filter((revision) => values.revision === undefined || revision === values.revision);
const ways = WAYS.filter((way) => values.way === undefined || way === values.way);
if (revisions.length === 0 || ways.length === 0) throw new Error(`--revision: ${REVISIONS.join(" or ")}; --way: ${WAYS.join(" or ")}`);

const runs = await runAll(revisions as Revision[], ways as Way[], ({ revision, way, verdict: { scenarios, checks, failed } }) => {
  console.log(`${revision} ${way.padEnd(8)} scenarios ${scenarios.passed}/${scenarios.total}  checks ${checks.passed}/${checks.total}`);
  if (values.failed) for (const id of failed) console.log(`  ${id}`);
});
const problems = compared(runs);
for (const problem of problems) console.log(problem);
process.exit(problems.length === 0 ? 0 : 1);
