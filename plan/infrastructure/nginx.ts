/** The edge: the one door from outside. */
import { OPERATOR } from "../../contract/access.ts";
import { SECRETS_DIR } from "../../contract/environment.ts";
import { INFRASTRUCTURE } from "../../contract/services.ts";
import type { Settings } from "../../contract/settings.ts";
import { containerName, publishEdge } from "../publish.ts";
import type { ServiceSpec } from "../service-spec.ts";
import { configFiles, type ConfigFolder } from "./config-files.ts";
import { infrastructureImage } from "./infrastructure-spec.ts";
import { patientHttpProbe } from "./probes.ts";

const { edge, hub, rabbitmq } = INFRASTRUCTURE;

/**
 * The only container whose health a deployment waits for, because its probe sees through the whole chain: it asks,
 * through the edge, whether the hub is ready. While it starts it is therefore probed often.
 */
export function nginxSpec(settings: Settings, configs: ConfigFolder): ServiceSpec {
  const { maxBodyBytes, connectTimeoutSeconds, readTimeoutSeconds } = settings.edge;
  return {
    name: "nginx",
    kind: "edge",
    host: edge.host,
    container: containerName(settings, edge.host),
    image: infrastructureImage("nginx"),
    env: {},
    secrets: [{ path: `${SECRETS_DIR}/rabbitmq_operator_password`, parts: [{ password: { store: "rabbitmq", identity: OPERATOR } }] }],
    files: configFiles("nginx", configs, ["nginx.conf", "proxy.conf", "authorized.conf", "problems.conf"], {
      maxBodyBytes,
      connectTimeoutSeconds,
      readTimeoutSeconds,
      hub: `${hub.host}:${hub.port}`,
      rabbitmqManagement: `${rabbitmq.host}:${rabbitmq.managementPort}`,
    }),
    ports: publishEdge(settings),
    volumes: [],
    binds: [],
    dependsOn: ["hub"],
    health: { test: patientHttpProbe(edge.port, "/readyz"), intervalSeconds: 3, timeoutSeconds: 5, retries: 3, startPeriodSeconds: 120 },
    waitSeconds: 180,
    user: "10005:0",
    addCapabilities: [],
    resources: { memoryMiB: 64, cpus: 1 },
    stopGraceSeconds: 15,
    labels: {},
  };
}
