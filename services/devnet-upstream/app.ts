/** HTTP interface: JSON-RPC at `/`, for the local chain, and the probes that every service has. */
import { Counter, type Registry } from "prom-client";
import { z } from "zod";
import { createHttpApp, type HttpApp } from "../kit/http.ts";
import type { Logger } from "../kit/log.ts";
import type { CheckToken } from "../kit/tokens.ts";
import { messageOf } from "../kit/errors.ts";
import type { Answer, Endpoint } from "./endpoint.ts";

/**
 * What a fork asks of its origin. Nothing is sent, signed or changed there, whoever asks: the endpoint may be one that
 * bills its calls, or a node that signs for its owner.
 */
const READS = /^(eth_(?!send|sign|submit)\w+|net_version|web3_clientVersion|trace_\w+|debug_(trace|code|storage)\w*)$/;

const Id = z.union([z.string(), z.number(), z.null()]);
const Call = z.object({ jsonrpc: z.literal("2.0"), id: Id, method: z.string(), params: z.unknown().optional() });
const Body = z.union([Call, z.array(Call).min(1).max(1_000)]);
type Call = z.output<typeof Call>;

/** JSON-RPC 2.0, section 5.1. */
const METHOD_NOT_FOUND = -32_601;

export interface UpstreamAppOptions { log: Logger; metrics: Registry; checkToken: CheckToken; endpoint: Endpoint }

export function createUpstreamApp({ log, metrics, checkToken, endpoint }: UpstreamAppOptions): HttpApp {
  const questions = new Counter({ name: "devnet_upstream_questions_total", help: "Questions, by outcome.", labelNames: ["outcome"], registers: [metrics] });
  let failing: string | null = null;
  const app = createHttpApp({ log, metrics, checkToken, missing: () => (failing === null ? [] : ["endpoint"]) });

  const ask = async (call: Call): Promise<Answer> => {
    if (!READS.test(call.method)) {
      questions.inc({ outcome: "refused" });
      return { error: { code: METHOD_NOT_FOUND, message: `${call.method} is not asked of a fork's origin: only what reads is` } };
    }
    try {
      const answer = await endpoint.ask(call);
      if (failing !== null) log.info("the fork's endpoint answers again");
      failing = null;
      questions.inc({ outcome: "error" in answer ? "error" : "answered" });
      return answer;
    } catch (error) {
      questions.inc({ outcome: "failed" });
      const reason = messageOf(error);
      if (failing !== reason) log.warn({ reason }, "a question was not answered");
      failing = reason;
      throw error;
    }
  };
  const answerTo = async (call: Call): Promise<object> => ({ jsonrpc: "2.0", id: call.id, ...await ask(call) });

  // anvil shows no token but on its command line.
  app.post("/", { config: { public: true } }, (request) => {
    const body = Body.parse(request.body);
    return Array.isArray(body) ? Promise.all(body.map(answerTo)) : answerTo(body);
  });
  return app;
}
