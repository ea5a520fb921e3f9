/**
 * What of a stack's state the engine no longer has, or has otherwise: all that can become of containers, networks,
 * volumes and images without Pulumi. Its own refresh asks the provider for each of a hundred resources, which takes
 * seconds; where nothing has drifted it would find nothing.
 */
import type { StateResource } from "../stack/state-files.ts";

/** Of a container: what stopping, `docker update` and `docker network connect` can change. */
export interface ContainerFacts {
  running: boolean;
  /** Bytes. */
  memory: number;
  memorySwap: number;
  nanoCpus: number;
  restart: string;
  networks: string[];
}

export interface EngineFacts {
  /** By id. */
  containers: ReadonlyMap<string, ContainerFacts>;
  /** Ids. */
  networks: ReadonlySet<string>;
  /** Names. */
  volumes: ReadonlySet<string>;
  /** Reference → id. */
  images: ReadonlyMap<string, string>;
}

const MIB = 2 ** 20;
const NANO = 1e9;

/** Names of resources that differ. Pure. A kind of resource that is not known here counts as drifted: Pulumi shall look. */
export function drifted(resources: readonly StateResource[], engine: EngineFacts): string[] {
  return resources.filter((resource) => resource.type.startsWith("docker:") && !asRecorded(resource, engine)).map(({ urn }) => urn.split("::").at(-1)!);
}

function asRecorded({ type, id = "", outputs = {} }: StateResource, engine: EngineFacts): boolean {
  switch (type) {
    case "docker:index/container:Container": {
      const found = engine.containers.get(id);
      return found !== undefined && sameContainer(outputs, found);
    }
    case "docker:index/network:Network": return engine.networks.has(id);
    case "docker:index/volume:Volume": return engine.volumes.has(String(outputs.name));
    case "docker:index/remoteImage:RemoteImage": return engine.images.get(String(outputs.name)) === outputs.imageId;
    default: return false;
  }
}

function sameContainer(outputs: Record<string, unknown>, found: ContainerFacts): boolean {
  const { memory, memorySwap, cpus, restart, networksAdvanced = [] } = outputs as {
    memory?: number; memorySwap?: number; cpus?: string; restart?: string; networksAdvanced?: { name: string }[];
  };
  const networks = networksAdvanced.map(({ name }) => name).toSorted();
  return found.running
    && found.memory === (memory ?? 0) * MIB
    && found.memorySwap === (memorySwap ?? 0) * MIB
    && found.nanoCpus === Math.round(Number(cpus ?? 0) * NANO)
    && found.restart === restart
    && found.networks.toSorted().join(" ") === networks.join(" ");
}
