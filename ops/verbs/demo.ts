import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MarketBook } from "../../contract/market.ts";
import type { Context, Verb } from "../cli/verb.ts";
import { demonstrate } from "../demo/demonstrate.ts";
import { outcomeLines, planLines, reportOf } from "../demo/report.ts";
import { allOutputs, type AllOutputs } from "../stack/outputs.ts";
import { openStack } from "../stack/stack.ts";
import type { Edge } from "../system/edge.ts";
import { failed, misused } from "../system/failure.ts";

const MOST_SECONDS = 600;

export const demo: Verb = {
  name: "demo",
  synopsis: "[--timeout SECONDS]",
  summary: "Trade the next opportunity on the local chain live, once, and tell what came of it",
  details: `
Waits for an opportunity, has the flash trader execute it on the local chain, and prints plan, predicted and realised
profit, gas, lender, and where it is recorded. The plan is shown as soon as the transaction is out: nothing waits for a
person between a block and a transaction. The trader's mode stays dry-run. Only where mcp:trading.liveChainId names the
local chain, as in the stacks dev and test.`,
  onStack: true,
  reports: true,
  options: { timeout: { type: "string", value: "SECONDS", help: "give up after so long (default: 30)" } },
  async run(context) {
    const timeoutMs = parseTimeout(context.args.flags.timeout as string | undefined) * 1_000;
    const outputs = await allOutputs(await openStack(context));
    return demoOn(context, traderOf(outputs), readBook(context), timeoutMs);
  },
};

/** The verb without its stack. @returns the exit code: 0 where the trade succeeded */
export async function demoOn({ json, ui }: Pick<Context, "json" | "ui">, trader: Edge, book: MarketBook, timeoutMs: number): Promise<number> {
  const began = performance.now();
  const trade = await demonstrate(trader, timeoutMs, {
    waiting: ({ head }) => ui.say(`Waiting for an opportunity after block ${head ?? "?"}`),
    sent: (sent) => { if (!json) console.log(planLines(reportOf(book, trader.url, sent)).join("\n")); },
    missed: ({ status, outcome }) => ui.say(`That one ended as ${status}${outcome ? `, for ${outcome.gasCost} wei of gas` : ""}: somebody was faster. Waiting for the next`),
  });
  const report = reportOf(book, trader.url, trade);
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  if (json) console.log(JSON.stringify({ ...report, seconds }, null, 2));
  else console.log([...outcomeLines(report), `took       ${seconds} s`].join("\n"));
  return trade.status === "succeeded" ? 0 : 1;
}

/** @throws {Failure} with exit code 2 unless it is a number of seconds */
export function parseTimeout(word = "30"): number {
  const seconds = Number(word);
  if (!/^\d+$/.test(word) || seconds < 1 || seconds > MOST_SECONDS) throw misused(`"${word}" is no number of seconds: give 1 to ${MOST_SECONDS}, as in "--timeout 60".`);
  return seconds;
}

function traderOf({ stack, apiToken, endpoints }: AllOutputs): Edge {
  if (!endpoints.devnet) throw misused(`stack ${stack} has no local chain (mcp:devnet.enabled is false), and a demonstration trades on no other.`);
  if (!endpoints.flashTrader) throw misused(`stack ${stack} has no flash trader: its chain is a fork, which has no market (mcp:devnet.forkUrl), or mcp:disabled names it. Take out what keeps it away, then "./mcp up --stack ${stack}".`);
  const { url } = endpoints.flashTrader;
  if (!url) throw failed(`the flash trader of stack ${stack} is not reachable from here: its mcp:exposure is edge.`);
  return { url: `${url}/v1`, token: apiToken };
}

/** Addresses are the same whatever the chain's id. */
function readBook({ paths }: Context): MarketBook {
  return MarketBook.parse(JSON.parse(readFileSync(join(paths.root, "configs/devnet/market.json"), "utf8")));
}
