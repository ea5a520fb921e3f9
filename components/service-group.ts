import * as pulumi from "@pulumi/pulumi";
import { serviceName } from "../plan/checks.ts";
import type { ServiceSpec } from "../plan/service-spec.ts";
import type { Deployment } from "./deployment.ts";
import { Service } from "./service.ts";

export interface ServiceGroupArgs {
  /** In an order in which every dependency precedes what needs it. */
  specs: readonly ServiceSpec[];
  deployment: Deployment;
}

/** Services under one component. */
abstract class ServiceGroup extends pulumi.ComponentResource {
  readonly services: readonly Service[];

  constructor(
    type: string, name: string, { specs, deployment }: ServiceGroupArgs, opts: pulumi.ComponentResourceOptions | undefined,
    names: (spec: ServiceSpec) => { service: string; image: string },
  ) {
    super(type, name, {}, opts);
    this.services = specs.map((spec) => {
      const { service, image } = names(spec);
      return new Service(service, { spec, image: deployment.images.of(spec.image, image, this), deployment }, { parent: this });
    });
    this.registerOutputs({});
  }
}

/** The stores, the chain, and the edge: each with an image of its own. */
export class Infrastructure extends ServiceGroup {
  constructor(name: string, args: ServiceGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mcp:index:Infrastructure", name, args, opts, each(name));
  }
}

/** The access service and the hub. */
export class Coordination extends ServiceGroup {
  constructor(name: string, args: ServiceGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mcp:index:Coordination", name, args, opts, each(name));
  }
}

/** An MCP server and its replicas, which share image and identity. */
export class ServerPool extends ServiceGroup {
  constructor(name: string, args: ServiceGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mcp:index:ServerPool", name, args, opts, together(name));
  }
}

/** The instances of an agent type, which share image, identity and queue. */
export class AgentPool extends ServiceGroup {
  constructor(name: string, args: ServiceGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mcp:index:AgentPool", name, args, opts, together(name));
  }
}

const each = (name: string) => (spec: ServiceSpec) => ({ service: `${name}-${spec.name}`, image: `${name}-${serviceName(spec)}` });
const together = (name: string) => (spec: ServiceSpec) => ({ service: `${name}-${spec.instance?.number ?? 1}`, image: name });
