/** What this server offers. */
import { executeTrade } from "./tools/execute-trade.ts";
import { getTrade } from "./tools/get-trade.ts";
import { getTraderState } from "./tools/get-trader-state.ts";
import { listTrades } from "./tools/list-trades.ts";
import { planTradeTool } from "./tools/plan-trade.ts";
import { simulateTrade } from "./tools/simulate-trade.ts";

export const tools = [executeTrade, getTrade, getTraderState, listTrades, planTradeTool, simulateTrade];
