import type * as pulumi from "@pulumi/pulumi";
import type { ImageSource } from "../plan/service-spec.ts";
import { Image } from "./image.ts";
import type { StagedImage } from "./staging/stage.ts";

/** The stack's images, each registered once, by whoever wants it first. */
export class Images {
  readonly #staged: ReadonlyMap<string, StagedImage>;
  readonly #made = new Map<string, Image>();

  constructor(staged: ReadonlyMap<string, StagedImage>) {
    this.#staged = staged;
  }

  /** @param owner component that the image becomes a child of; a base belongs to the stack, because others share it */
  of(source: ImageSource, name: string, owner: pulumi.Resource): Image {
    if ("reference" in source) return this.#once(source.reference, () => new Image(`${name}-image`, source, { parent: owner }));
    const { build } = source;
    const bases = build.bases.map((base) => this.#once(`base-${base}`, () =>
      new Image(`base-${base}-image`, { staged: this.#staged.get(`base-${base}`)!, bases: [] })));
    return this.#once(build.name, () =>
      new Image(`${name}-image`, { staged: this.#staged.get(build.name)!, bases }, { parent: owner }));
  }

  #once(key: string, make: () => Image): Image {
    const image = this.#made.get(key) ?? make();
    this.#made.set(key, image);
    return image;
  }
}
