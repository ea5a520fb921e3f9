import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../contract/settings.ts";

export interface NetworkArgs {
  network: Settings["network"];
  /** Name of the stack, for the label. */
  stack: string;
}

/** The bridge that every container of the stack is on. */
export class Network extends pulumi.ComponentResource {
  readonly bridge: docker.Network;

  constructor(name: string, { network, stack }: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mcp:index:Network", name, {}, opts);
    this.bridge = new docker.Network(`${name}-bridge`, {
      name: network.name,
      driver: "bridge",
      ipamConfigs: [{ subnet: network.subnet }],
      options: { "com.docker.network.bridge.name": network.bridge },
      labels: [{ label: "mcp.stack", value: stack }],
    }, {
      parent: this,
      // Two networks cannot share a subnet, not even for a moment.
      deleteBeforeReplace: true,
    });
    this.registerOutputs({ networkName: this.bridge.name });
  }
}
