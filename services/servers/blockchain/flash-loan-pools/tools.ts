/** What this server offers. */
import { checkLoan } from "./tools/check-loan.ts";
import { compareLenders } from "./tools/compare-lenders.ts";
import { getLender } from "./tools/get-lender.ts";
import { listLenders } from "./tools/list-lenders.ts";
import { quoteLoan } from "./tools/quote-loan.ts";

export const tools = [checkLoan, compareLenders, getLender, listLenders, quoteLoan];
