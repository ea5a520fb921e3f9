/** What services of ours that belong to the infrastructure have in common. */
import type { INFRASTRUCTURE } from "../../contract/services.ts";
import type { Settings } from "../../contract/settings.ts";
import { commonEnvironment, deliver, nodeHealth, NODE_USER, verification, type SecretVariable } from "../environment.ts";
import { nodeImage } from "../node-image.ts";
import { containerName } from "../publish.ts";
import type { ServiceSpec } from "../service-spec.ts";

const STOP_GRACE_SECONDS = 10;

type Particulars = Pick<ServiceSpec, "name" | "env" | "files" | "dependsOn" | "resources"> & {
  at: (typeof INFRASTRUCTURE)["trader" | "upstream"];
  secrets: readonly SecretVariable[];
};

/** Our bundle on the Node base: without data, without rights in the stores, and not published. */
export function nodeSpec(settings: Settings, { at: { host, port }, ...own }: Particulars): ServiceSpec {
  const { env, secrets } = deliver([...own.secrets, verification]);
  return {
    ...own,
    kind: "infrastructure",
    host,
    container: containerName(settings, host),
    image: nodeImage(own.name, `services/${own.name}/main.ts`, `infrastructure/${own.name}`, new Set()),
    env: { ...commonEnvironment(own.name, host, port, STOP_GRACE_SECONDS), ...env, ...own.env },
    secrets,
    ports: [],
    volumes: [],
    binds: [],
    health: nodeHealth(port),
    user: NODE_USER,
    addCapabilities: [],
    stopGraceSeconds: STOP_GRACE_SECONDS,
    labels: {},
  };
}
