import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { StagedImage } from "./staging/stage.ts";

export type ImageArgs =
  /** Built from a staged context. `bases` must exist first. */
  | { staged: StagedImage; bases: readonly Image[] }
  /** Pulled, unless the engine has it. */
  | { reference: string };

/** An image by its id. Its name changes with its content, so an unchanged image is no work. */
export class Image extends pulumi.ComponentResource {
  readonly imageId: pulumi.Output<string>;
  readonly remote: docker.RemoteImage;

  constructor(name: string, args: ImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mcp:index:Image", name, {}, opts);
    // Kept: another stack on this engine may use it, and going back to it costs nothing then.
    const kept = { keepLocally: true };
    this.remote = "reference" in args
      ? new docker.RemoteImage(`${name}-pull`, { name: args.reference, ...kept }, { parent: this })
      : new docker.RemoteImage(`${name}-build`, {
        name: args.staged.name,
        build: { context: args.staged.context, dockerfile: "Dockerfile", buildArgs: args.staged.buildArgs },
        ...kept,
      }, { parent: this, dependsOn: args.bases.map(({ remote }) => remote), customTimeouts: { create: "20m" } });
    this.imageId = this.remote.imageId;
    this.registerOutputs({ imageId: this.imageId });
  }
}
