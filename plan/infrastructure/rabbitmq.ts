/** The message broker. */
import { SECRETS_DIR } from "../../contract/environment.ts";
import { INFRASTRUCTURE } from "../../contract/services.ts";
import type { Settings } from "../../contract/settings.ts";
import { publish } from "../publish.ts";
import type { ServiceSpec } from "../service-spec.ts";
import { configFiles, configText, type ConfigFolder } from "./config-files.ts";
import { infrastructureSpec } from "./infrastructure-spec.ts";
import { amqpProbe, steadily } from "./probes.ts";
import { rabbitmqDefinitions, type PolicyFile } from "./rabbitmq-definitions.ts";
import { secretJson } from "./secret-json.ts";

/** @throws {Error} when a file of the folder is missing or policies.json is not a JSON array */
export function rabbitmqSpec(settings: Settings, configs: ConfigFolder): ServiceSpec {
  const { host, port, managementPort, metricsPort } = INFRASTRUCTURE.rabbitmq;
  return infrastructureSpec(settings, {
    name: "rabbitmq",
    host,
    uid: 10_001,
    secrets: [{ path: `${SECRETS_DIR}/definitions.json`, parts: secretJson(rabbitmqDefinitions(policies(configs))) }],
    files: configFiles("rabbitmq", configs, ["rabbitmq.conf", "enabled_plugins"]),
    ports: publish(settings, port, managementPort, metricsPort),
    health: steadily(amqpProbe(port)),
    resources: { memoryMiB: 640, cpus: 2 },
    stopGraceSeconds: 30,
  });
}

function policies(configs: ConfigFolder): PolicyFile[] {
  const file = "policies.json";
  try {
    const parsed: unknown = JSON.parse(configText("rabbitmq", configs, file));
    if (Array.isArray(parsed)) return parsed as PolicyFile[];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Error(`configs/rabbitmq/${file} is not JSON: ${error.message}`, { cause: error });
  }
  throw new Error(`configs/rabbitmq/${file} must be a JSON array of policies`);
}
