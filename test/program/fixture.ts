/** A small catalogue, so that what is asserted here does not change with every service that joins the real one. */
import { resolve } from "node:path";
import { deployStack } from "../../components/stack.ts";
import type { StagedImage } from "../../components/staging/stage.ts";
import { parseSettings, type Settings } from "../../contract/settings.ts";
import type { Catalog } from "../../contract/catalog.ts";
import { parseCatalog } from "../../plan/catalog.ts";
import { infrastructureSpecs, marketOf } from "../../plan/infrastructure/index.ts";
import { readInfrastructureConfigs } from "../../plan/read-sources.ts";
import { planStack, type StackPlan } from "../../plan/stack.ts";
import { PROD_CONFIG, ROOT, run, stackConfig } from "./harness.ts";

export const CATALOG: Catalog = parseCatalog({
  servers: [
    {
      path: "configs/servers/blockchain.yaml",
      text: "category: blockchain\nservers:\n  evm-node:\n    description: Reads the chain.\n    port: 8010\n    needs: [devnet]\n    capabilities: [get_block]\n",
    },
    {
      path: "configs/servers/ai-integration.yaml",
      text: `category: ai-integration
servers:
  code-search:
    description: Searches indexed code.
    port: 8031
    replicas: 2
    needs: [postgres]
    env: {LOG_LEVEL: debug}
    access: {postgres: {reads: [code_index]}}
    capabilities: [search_code]
`,
    },
  ],
  agents: [{
    path: "configs/agents/code-indexer.yaml",
    text: `type: code-indexer
description: Indexes code.
workspace: true
replicas: 2
needs: [postgres]
volumes: {index-cache: /var/cache/index}
access: {postgres: {owns: code_index}, redis: {keys: ["~mcp:index:*"], commands: ["+@read"]}}
capabilities: [index_repository]
`,
  }],
});

/** Settings of a stack file, with changes. */
export function stackSettings(stack: string, changes: Record<string, unknown> = {}): Settings {
  const config = { ...stackConfig(stack), ...(stack === "prod" && PROD_CONFIG) };
  return parseSettings({ ...Object.fromEntries(Object.entries(config).map(([key, value]) => [key.slice("mcp:".length), value])), ...changes });
}

/** Plan of the small catalogue. */
export function fixturePlan(settings: Settings, catalog: Catalog = CATALOG): StackPlan {
  const configs = readInfrastructureConfigs(ROOT);
  return planStack({
    settings,
    catalog,
    infrastructure: infrastructureSpecs(settings, configs),
    market: marketOf(settings, configs),
    dockerfiles: new Set(["agents/code-indexer"]),
    workspace: settings.workspace === null ? null : resolve("/checkout", settings.workspace),
    arch: "x64",
  });
}

/** The small catalogue's resources, with images that nobody staged. */
export async function deployFixture(stack: string, changes: Record<string, unknown> = {}) {
  const settings = stackSettings(stack, changes);
  const plan = fixturePlan(settings);
  const staged = new Map<string, StagedImage>(plan.images.map(({ name, bases }) => [name, {
    name: `${settings.namePrefix}mcp/${name}:000000000000`,
    context: `.mcp/stage/${name}/000000000000`,
    buildArgs: Object.fromEntries(bases.map((base) => [`BASE_${base.toUpperCase()}`, `${settings.namePrefix}mcp/base-${base}:000000000000`])),
  }]));
  const { resources } = await run(stack, {}, async () => deployStack({ stack, folder: "/checkout", settings, plan, staged }));
  return { settings, plan, resources };
}
