import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

export interface VolumesArgs {
  /** Names in the specs. */
  names: readonly string[];
  /** Stands before the volumes' names on the engine. */
  prefix: string;
  stack: string;
  /** Refuses to delete them, and leaves them on the engine when the stack forgets them. */
  protectData: boolean;
}

/** The stack's data. Destroying the stack leaves it on the engine; `./mcp down --volumes` removes it. */
export class Volumes extends pulumi.ComponentResource {
  readonly byName: ReadonlyMap<string, docker.Volume>;

  constructor(name: string, { names, prefix, stack, protectData }: VolumesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mcp:index:Volumes", name, {}, opts);
    this.byName = new Map(names.map((volume) => [volume, new docker.Volume(`${name}-${volume}`, {
      name: `${prefix}mcp-${volume}`,
      // Constant: another label would replace the volume, and with it the data.
      labels: [{ label: "mcp.stack", value: stack }],
    }, {
      parent: this,
      protect: protectData,
      retainOnDelete: true,
      ignoreChanges: ["labels"],
    })]));
    this.registerOutputs({});
  }
}
