/** The trader over HTTP: what it does, what its books say, and leave for one live trade. Nothing here stands in the hot path. */
import { unlimited } from "../../../contract/access.ts";
import { LIVE_TRADE_ASKER, LiveTradeRequest, TradesQuery, type GatesAnswer, type Trade, type TraderState } from "../../../contract/trading.ts";
import { Unavailable } from "../../kit/errors.ts";
import type { HttpApp } from "../../kit/http.ts";
import { HttpProblem } from "../../kit/problem.ts";
import type { Books } from "../books/books.ts";
import { isLive } from "../decide/gates.ts";
import type { LivePermit } from "../decide/live-permit.ts";
import type { TraderSettings } from "../settings.ts";
import { tradeView } from "../tell/views.ts";

export interface RouteOptions {
  settings: TraderSettings;
  permit: LivePermit;
  /** Null while it is starting. */
  running(): { books: Pick<Books, "get" | "list">; state(): Promise<TraderState>; gates(): GatesAnswer } | null;
}

export function mountTrader(app: HttpApp, { settings, permit, running }: RouteOptions): void {
  const now = (): NonNullable<ReturnType<typeof running>> => running() ?? unavailable();
  const trade = async (key: string): Promise<Trade> => {
    const found = await now().books.get(key);
    if (!found) throw new HttpProblem(404, `The books have no trade ${key.slice(0, 128)}: GET /v1/trades lists them.`);
    return tradeView(found);
  };
  app.get("/v1/state", () => now().state());
  app.get("/v1/gates", async () => now().gates());
  app.get("/v1/trades", async (request) => {
    const { limit, before } = TradesQuery.parse(request.query);
    return { trades: (await now().books.list({ limit, ...(before === undefined ? {} : { before: BigInt(before) }) })).map(tradeView) };
  });
  app.get<{ Params: { key: string } }>("/v1/trades/:key", (request) => trade(request.params.key));
  app.post("/v1/live-trades", async (request) => {
    const caller = request.caller!;
    if (caller.role !== "admin" && caller.sub !== LIVE_TRADE_ASKER) throw new HttpProblem(403, `${caller.sub} has the role ${caller.role}; only an admin asks for a live trade.`);
    if (!unlimited(caller)) throw new HttpProblem(403, `The token of ${caller.sub} has limits that the gateway alone keeps: ask execute_trade of flash-loan-executor there.`);
    const { chainId, withinMs } = LiveTradeRequest.parse(request.body);
    now();
    if (chainId !== settings.chainId) throw new HttpProblem(409, `This trader is on chain ${settings.chainId}, not on ${chainId}.`);
    if (!isLive({ mode: "live", liveChainId: settings.liveChainId }, chainId)) {
      throw new HttpProblem(409, `The deployment allows no live trade on chain ${chainId}: set mcp:trading.liveChainId to it.`);
    }
    const key = await permit.ask(withinMs);
    if (key === null) throw new HttpProblem(504, `Within ${withinMs} ms nothing passed every gate; flash_trader_refusals_total on /metrics tells which were shut.`);
    return trade(key);
  });
}

function unavailable(): never {
  throw new Unavailable("The trader is starting; GET /readyz says what it waits for.");
}
