/** A server on our kit, as a process of its own: a trivial tool, and as many others as are asked for. */
import { z } from "zod";
import { createHttpApp } from "../../../services/kit/http.ts";
import { createLogger } from "../../../services/kit/log.ts";
import { mountMcp } from "../../../services/kit/mcp/endpoint.ts";
import { createMetrics } from "../../../services/kit/metrics.ts";
import { tokenChecker, type CheckToken } from "../../../services/kit/tokens.ts";
import { defineTool } from "../../../services/kit/tool.ts";
import { TOKEN_PUBLIC_KEY } from "../../../services/hub/gateway/testing/gateway-rig.ts";
import { answering, listen } from "./child.ts";

const [name = "bench", tools = "1"] = process.argv.slice(2);
const add = (index: number) => defineTool<null>()({
  name: index === 0 ? "add_numbers" : `add_numbers_${index}`,
  title: "Add numbers",
  description: "Adds two numbers. A tool of a benchmark: it does nothing that would take time, so that what stands around it can be seen.",
  input: z.strictObject({ a: z.number().describe("First."), b: z.number().describe("Second.") }),
  output: z.object({ sum: z.number() }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ a, b }) {
    return { sum: a + b };
  },
});

const log = createLogger(name, "warn");
const metrics = createMetrics(name);
/** One process stands for many servers, whose tokens are each for another: then only lists are measured, and nobody is asked. */
const anybody: CheckToken = () => ({ ok: true, claims: { sub: "hub", role: "service", aud: ["*"] } });
const checkToken = name === "*" ? anybody : tokenChecker(TOKEN_PUBLIC_KEY, `server:${name}`);
const app = createHttpApp({ log, metrics, checkToken, missing: () => [] });
mountMcp(app, { name, version: "1", instructions: "Adds.", tools: Array.from({ length: Number(tools) }, (_, index) => add(index)), deps: () => null, log, metrics, allowedHosts: [] });
answering(await listen(app));
