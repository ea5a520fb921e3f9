/** The Flash Loan MCP System on Docker: settings → plan → components → outputs. */
import "./components/native-stack-traces.ts";
import * as pulumi from "@pulumi/pulumi";
import { readSettings, withReadableErrors } from "./components/config.ts";
import { deployStack } from "./components/stack.ts";
import { stageImages } from "./components/staging/stage.ts";
import { parseCatalog } from "./plan/catalog.ts";
import { infrastructureSpecs, marketOf } from "./plan/infrastructure/index.ts";
import { secretOutputs, stackOutputs } from "./plan/outputs.ts";
import { readCatalogFiles, readDockerfiles, readInfrastructureConfigs, resolveWorkspace } from "./plan/read-sources.ts";
import { planStack } from "./plan/stack.ts";

const root = import.meta.dirname;

const { outputs, secrets } = await withReadableErrors(async () => {
  const settings = readSettings();
  const catalog = parseCatalog(readCatalogFiles(root));
  const configs = readInfrastructureConfigs(root);
  const plan = planStack({
    settings,
    catalog,
    infrastructure: infrastructureSpecs(settings, configs),
    market: marketOf(settings, configs),
    dockerfiles: readDockerfiles(root),
    workspace: resolveWorkspace(root, settings),
    arch: process.arch,
  });
  const staged = await stageImages(root, settings.namePrefix, plan.images);
  const { keyring } = deployStack({ stack: pulumi.getStack(), folder: root, settings, plan, staged });
  return { outputs: stackOutputs(pulumi.getStack(), settings, catalog, plan.services), secrets: pulumi.secret(keyring.apply(secretOutputs)) };
});

export const { schemaVersion, stack, network, endpoints, servers, agents } = outputs;
export const { apiToken, credentials } = secrets;
