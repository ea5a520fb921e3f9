/** What the infrastructure's containers have in common. */
import type { Settings } from "../../contract/settings.ts";
import { containerName } from "../publish.ts";
import type { Build, ImageSource, ServiceSpec } from "../service-spec.ts";

/** An image of `images/infrastructure/`. */
export function infrastructureImage(name: string, { packageFiles, market }: Pick<Build, "packageFiles" | "market"> = {}): ImageSource {
  const folder = `images/infrastructure/${name}`;
  return { build: { name, dockerfile: folder, context: folder, bases: [], ...(packageFiles && { packageFiles }), ...(market && { market }) } };
}

type Particulars = Pick<ServiceSpec, "secrets" | "files" | "ports" | "health" | "resources" | "stopGraceSeconds"> & Partial<Pick<ServiceSpec, "dependsOn">> & {
  name: string;
  host: string;
  /** Of the image's own user; the group is 0, which may read secrets (root:root 0440). */
  uid: number;
} & Pick<Build, "packageFiles" | "market">;

/** A store or the like: no capabilities, no environment, its data in the volume `<name>-data` at /data. */
export function infrastructureSpec(settings: Settings, { uid, packageFiles, market, ...particulars }: Particulars): ServiceSpec {
  return {
    dependsOn: [],
    ...particulars,
    kind: "infrastructure",
    container: containerName(settings, particulars.host),
    image: infrastructureImage(particulars.name, { packageFiles, market }),
    env: {},
    volumes: [{ volume: `${particulars.name}-data`, path: "/data" }],
    binds: [],
    user: `${uid}:0`,
    addCapabilities: [],
    labels: {},
  };
}
