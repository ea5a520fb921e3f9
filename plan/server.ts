/** An MCP server and its replicas. */
import type { Catalog } from "../contract/catalog.ts";
import { serverHost } from "../contract/services.ts";
import type { Settings } from "../contract/settings.ts";
import { applicationSpec } from "./application.ts";
import { nodeImage, type Dockerfiles } from "./node-image.ts";
import { publish } from "./publish.ts";
import { serverGrant } from "./rights.ts";
import type { ConfigFile, ServiceSpec } from "./service-spec.ts";

export const serverReplicaName = (name: string, replica: number): string => (replica === 1 ? name : `${name}-r${replica}`);

export interface ServerSurroundings {
  dockerfiles: Dockerfiles;
  /** Null where the chain has no market. */
  market: ConfigFile | null;
  workspace: string | null;
}

/** None where the entry wants a market and there is none. Replicas share name, image, identity and port; only the first is published. */
export function serverSpecs(
  settings: Settings, name: string, entry: Catalog["servers"][string], { dockerfiles, market, workspace }: ServerSurroundings,
): ServiceSpec[] {
  if (entry.market && market === null) return [];
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
      calls: entry.calls,
      files: entry.market ? [market!] : [],
      env: { SERVER_CATEGORY: entry.category, SERVER_REPLICA: String(replica) },
    }));
}
