/** What this server offers. */
import { appraiseCycle } from "./tools/appraise-cycle.ts";
import { boundProfit } from "./tools/bound-profit.ts";
import { countCycles } from "./tools/count-cycles.ts";
import { evaluateSize } from "./tools/evaluate-size.ts";
import { listOpportunities } from "./tools/list-opportunities.ts";
import { scanMarket } from "./tools/scan-market.ts";

export const tools = [appraiseCycle, boundProfit, countCycles, evaluateSize, listOpportunities, scanMarket];
