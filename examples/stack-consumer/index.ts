/**
 * Another program on top of a running stack: finds a server by what it can do, and hands its client what it needs.
 * A change of the outputs' shape stops it here, with a message, rather than somewhere later.
 */
import * as pulumi from "@pulumi/pulumi";

const SCHEMA_VERSION = 1;

interface Server { category: string; server: string; url: string | null; capabilities: string[] }

const config = new pulumi.Config();
/** `organization/mcp/dev`: a file backend knows one organization, called so. */
const name = config.get("system") ?? "organization/mcp/dev";
const system = new pulumi.StackReference(name);

const servers = pulumi.all([system.requireOutput("schemaVersion"), system.requireOutput("servers")]).apply(([version, found]) => {
  if (version !== SCHEMA_VERSION) {
    throw new pulumi.RunError(`this program reads outputs of schemaVersion ${SCHEMA_VERSION}, and ${name} has ${version}`);
  }
  return found as Server[];
});

const wanted = config.get("capability");

/** Names of the servers that have the capability of `mcp-consumer:capability`; of all without it. */
export const matching = servers.apply((all) => all.filter(({ capabilities }) => !wanted || capabilities.includes(wanted)).map(({ server }) => server));
/** The one endpoint that reaches every tool. */
export const mcpUrl = system.requireOutput("endpoints").apply((endpoints: Record<string, { url: string | null }>) => endpoints.mcp!.url);
/** Header for it; stays secret on the way. */
export const authorization = pulumi.interpolate`Bearer ${system.requireOutput("apiToken")}`;
