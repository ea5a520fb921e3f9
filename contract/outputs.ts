/** Stack outputs, the interface of this program to other programs. */
import { z } from "zod";

export const OUTPUTS_SCHEMA_VERSION = 1;

const Endpoint = z.strictObject({
  /** From the engine's host; null where the stack does not publish it. */
  url: z.string().nullable(),
  /** From containers on the network. */
  internalUrl: z.string(),
});

export const Credential = z.strictObject({ username: z.string(), password: z.string() });

export const StackOutputs = z.strictObject({
  schemaVersion: z.literal(OUTPUTS_SCHEMA_VERSION),
  stack: z.string(),
  network: z.strictObject({ name: z.string(), subnet: z.string(), bridge: z.string() }),
  endpoints: z.record(z.string(), Endpoint),
  servers: z.array(z.strictObject({
    category: z.string(),
    server: z.string(),
    replica: z.number().int(),
    host: z.string(),
    container: z.string(),
    port: z.number().int(),
    url: z.string().nullable(),
    capabilities: z.array(z.string()),
  })),
  agents: z.array(z.strictObject({
    type: z.string(),
    id: z.string(),
    host: z.string(),
    container: z.string(),
    port: z.number().int(),
    url: z.string().nullable(),
    queue: z.string(),
  })),
});
export type StackOutputs = z.output<typeof StackOutputs>;

/** The secret outputs. */
export const SecretOutputs = z.strictObject({
  apiToken: z.string(),
  credentials: z.strictObject({ rabbitmq: Credential, redis: Credential, postgres: Credential, etcd: Credential }),
});
export type SecretOutputs = z.output<typeof SecretOutputs>;

/** All outputs, as another program finds them. */
export const Outputs = StackOutputs.extend(SecretOutputs.shape);
export type Outputs = z.output<typeof Outputs>;

/** JSON Schema 2020-12 of all outputs, published as docs/outputs.schema.json. */
export function outputsJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(Outputs),
    title: `Outputs of a stack of the Flash Loan MCP System, schemaVersion ${OUTPUTS_SCHEMA_VERSION}`,
    description: "apiToken and credentials are secret.",
  };
}
