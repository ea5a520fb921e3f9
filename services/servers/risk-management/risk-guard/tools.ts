/** What this server offers. */
import { getBudgets } from "./tools/get-budgets.ts";
import { getKillSwitch } from "./tools/get-kill-switch.ts";
import { listGates } from "./tools/list-gates.ts";
import { resumeTrading } from "./tools/resume-trading.ts";
import { stopTrading } from "./tools/stop-trading.ts";

export const tools = [getBudgets, getKillSwitch, listGates, resumeTrading, stopTrading];
