/** The cache. */
import { ACCESS_ADMIN, OPERATOR } from "../../contract/access.ts";
import { SECRETS_DIR } from "../../contract/environment.ts";
import { INFRASTRUCTURE } from "../../contract/services.ts";
import type { Settings } from "../../contract/settings.ts";
import { publish } from "../publish.ts";
import type { SecretPart, ServiceSpec } from "../service-spec.ts";
import { configFiles, type ConfigFolder } from "./config-files.ts";
import { infrastructureSpec } from "./infrastructure-spec.ts";
import { steadily } from "./probes.ts";

/** Looks at keys and at the server, changes neither. */
const OPERATOR_COMMANDS = [
  "+@read", "+ping", "+info", "+select", "+command", "+dbsize", "+memory|usage", "+memory|stats", "+slowlog|get", "+slowlog|len",
  "+latency|latest", "+latency|history", "+client|list", "+client|info", "+client|id", "+client|setname", "+client|setinfo",
  "+acl|whoami", "+config|get",
];

const user = (name: string, ...rules: string[]): SecretPart[] => [
  `user ${name} on #`, { sha256: { store: "redis", identity: name } }, ` ${rules.join(" ")}\n`,
];

/** Users of the deployment; those of applications are added by the access service. */
function baseAcl(): SecretPart[] {
  return [
    "user default off resetpass resetkeys resetchannels -@all\n",
    // For the health probe: it can ask whether the server is alive, and nothing else.
    "user health on nopass resetkeys resetchannels -@all +ping\n",
    ...user(ACCESS_ADMIN.redis, "resetkeys", "resetchannels", "-@all", "+acl", "+ping", "+client|setname", "+client|setinfo"),
    ...user(OPERATOR, "%R~*", "resetchannels", "-@all", ...OPERATOR_COMMANDS),
  ];
}

export function redisSpec(settings: Settings, configs: ConfigFolder): ServiceSpec {
  const { host, port } = INFRASTRUCTURE.redis;
  return infrastructureSpec(settings, {
    name: "redis",
    host,
    uid: 10_002,
    secrets: [{ path: `${SECRETS_DIR}/base.acl`, parts: baseAcl() }],
    files: configFiles("redis", configs, ["redis.conf"]),
    ports: publish(settings, port),
    health: steadily(["redis-cli", "--no-auth-warning", "-e", "-t", "4", "--user", "health", "--pass", "none", "ping"]),
    resources: { memoryMiB: 384, cpus: 1 },
    stopGraceSeconds: 15,
  });
}
