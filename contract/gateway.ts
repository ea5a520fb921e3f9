/** What the hub says about its gateway: answer of `GET /api/v1/gateway`. */
import { z } from "zod";

export const GatewayAnswer = z.object({
  servers: z.array(z.object({
    server: z.string(),
    category: z.string(),
    tools: z.number().int().describe("Of it on offer now."),
    ageMs: z.number().nullable().describe("Since it gave the lists that are served; null before the first."),
    failure: z.string().nullable().describe("Why they could not be read anew; null when they could."),
    replicas: z.array(z.object({
      host: z.string().describe("Name and port."),
      up: z.boolean().describe("false while it is left alone because it failed."),
      calls: z.number().int().describe("Under way."),
    })),
  })),
  refused: z.array(z.object({ server: z.string(), kind: z.string(), name: z.string(), reason: z.string() })).describe("What servers offer and the gateway does not pass on."),
  shadows: z.array(z.object({ name: z.string(), category: z.string(), by: z.string().describe("Category that holds the name.") })).describe("Second servers that claim a name."),
});
export type GatewayAnswer = z.output<typeof GatewayAnswer>;
