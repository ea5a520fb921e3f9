/** A planned stack as resources. */
import * as pulumi from "@pulumi/pulumi";
import type * as docker from "@pulumi/docker";
import type { Settings } from "../contract/settings.ts";
import { serviceName } from "../plan/checks.ts";
import type { ServiceSpec } from "../plan/service-spec.ts";
import type { StackPlan } from "../plan/stack.ts";
import type { Deployment } from "./deployment.ts";
import { Images } from "./images.ts";
import { Network } from "./network.ts";
import { RootKey } from "./root-key.ts";
import { AgentPool, Coordination, Infrastructure, ServerPool } from "./service-group.ts";
import type { StagedImage } from "./staging/stage.ts";
import { Volumes } from "./volumes.ts";

export interface StackArgs {
  stack: string;
  /** Absolute path of the checkout. */
  folder: string;
  settings: Settings;
  plan: StackPlan;
  staged: ReadonlyMap<string, StagedImage>;
}

/** Registers everything; layers in the order in which they may depend on each other. */
export function deployStack({ stack, folder, settings, plan, staged }: StackArgs): { keyring: Deployment["keyring"] } {
  const { bridge } = new Network("network", { network: settings.network, stack });
  const { byName: volumes } = new Volumes("volumes", { names: plan.volumes, prefix: settings.namePrefix, stack, protectData: settings.protectData });
  const { keyring } = new RootKey("root-key", { protect: settings.protectData });
  const containers = new Map<string, docker.Container>();
  const deployment: Deployment = {
    stack, folder, logs: settings.logs, network: bridge, keyring,
    images: new Images(staged),
    volume: (name) => found(volumes, name, "volume"),
    container: (service) => found(containers, service, "container of service"),
    deployed: (service, container) => void containers.set(service, container),
  };

  const ofKind = (kind: ServiceSpec["kind"]): ServiceSpec[] => plan.services.filter((spec) => spec.kind === kind);
  new Infrastructure("infrastructure", { specs: ofKind("infrastructure"), deployment });
  new Coordination("coordination", { specs: ofKind("coordination"), deployment });
  for (const [name, specs] of Map.groupBy(ofKind("server"), serviceName)) new ServerPool(name, { specs, deployment });
  for (const [name, specs] of Map.groupBy(ofKind("agent"), serviceName)) new AgentPool(name, { specs, deployment });
  new Infrastructure("edge", { specs: ofKind("edge"), deployment });
  return { keyring: pulumi.secret(keyring) };
}

function found<T>(map: ReadonlyMap<string, T>, name: string, what: string): T {
  const value = map.get(name);
  if (value === undefined) throw new Error(`no ${what} "${name}": a layer depends on one that is deployed after it`);
  return value;
}
