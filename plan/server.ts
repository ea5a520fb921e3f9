/** An MCP server and its replicas. */
import type { Catalog } from "../contract/catalog.ts";
import { serverHost } from "../contract/services.ts";
import type { Settings } from "../contract/settings.ts";
import { applicationSpec } from "./application.ts";
import { nodeImage, type Dockerfiles } from "./node-image.ts";
import { publish } from "./publish.ts";
import { serverGrant } from "./rights.ts";
import type { ServiceSpec } from "./service-spec.ts";

export const serverReplicaName = (name: string, replica: number): string => (replica === 1 ? name : `${name}-r${replica}`);

/** Replicas share name, image, identity and port; only the first is published. */
export function serverSpecs(
  settings: Settings, name: string, entry: Catalog["servers"][string], dockerfiles: Dockerfiles, workspace: string | null,
): ServiceSpec[] {
  const image = nodeImage(name, `services/servers/${entry.category}/${name}/main.ts`, `servers/${name}`, dockerfiles, entry.externalPackages);
  const grant = serverGrant(name, entry);
  const replicas = settings.replicas[name] ?? entry.replicas;
  return Array.from({ length: replicas }, (_, index) => index + 1).map((replica) =>
    applicationSpec(settings, entry, workspace, {
      kind: "server",
      name: serverReplicaName(name, replica),
      of: name,
      number: replica,
      host: serverHost(entry.category, entry.port, replica),
      port: entry.port,
      ports: replica === 1 ? publish(settings, entry.port) : [],
      image,
      grant,
      env: { SERVER_CATEGORY: entry.category, SERVER_REPLICA: String(replica) },
    }));
}
