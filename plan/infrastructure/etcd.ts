/** The service registry. */
import { ACCESS_ADMIN } from "../../contract/access.ts";
import { SECRETS_DIR } from "../../contract/environment.ts";
import { INFRASTRUCTURE } from "../../contract/services.ts";
import type { Settings } from "../../contract/settings.ts";
import { publish } from "../publish.ts";
import type { ServiceSpec } from "../service-spec.ts";
import { configFiles, type ConfigFolder } from "./config-files.ts";
import { infrastructureSpec } from "./infrastructure-spec.ts";
import { httpProbe, steadily } from "./probes.ts";

export function etcdSpec(settings: Settings, configs: ConfigFolder): ServiceSpec {
  const { host, port, metricsPort } = INFRASTRUCTURE.etcd;
  return infrastructureSpec(settings, {
    name: "etcd",
    host,
    uid: 10_003,
    secrets: [{ path: `${SECRETS_DIR}/root_password`, parts: [{ password: { store: "etcd", identity: ACCESS_ADMIN.etcd } }] }],
    files: configFiles("etcd", configs, ["etcd.yaml"]),
    ports: publish(settings, port),
    // 503 without a leader; asks for no credentials, which `etcdctl endpoint health` would.
    health: steadily(httpProbe(metricsPort, "/health")),
    resources: { memoryMiB: 256, cpus: 1 },
    stopGraceSeconds: 15,
  });
}
