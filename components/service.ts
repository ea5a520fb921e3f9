import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceSpec } from "../plan/service-spec.ts";
import { containerArgs, containerOptions } from "./container.ts";
import type { Deployment } from "./deployment.ts";
import type { Image } from "./image.ts";

export interface ServiceArgs {
  spec: ServiceSpec;
  image: Image;
  deployment: Deployment;
  /** Last word over the container's arguments, for what the spec cannot say. */
  transform?: (container: docker.ContainerArgs) => docker.ContainerArgs;
}

/** One container of the stack, known to the others by its spec's name. */
export class Service extends pulumi.ComponentResource {
  readonly container: docker.Container;

  constructor(name: string, { spec, image, deployment, transform }: ServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mcp:index:Service", name, {}, opts);
    const args = containerArgs(spec, image.imageId, deployment);
    this.container = new docker.Container(`${name}-container`, transform?.(args) ?? args, containerOptions(spec, deployment, this));
    deployment.deployed(spec.name, this.container);
    this.registerOutputs({ containerId: this.container.id });
  }
}
