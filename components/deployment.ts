/** What the components of a stack share. */
import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { Keyring } from "../plan/secrets.ts";
import type { Images } from "./images.ts";

export interface Deployment {
  /** Name of the stack. */
  stack: string;
  /** Absolute path of the checkout, by which a second one on the same engine knows whose the containers are. */
  folder: string;
  logs: { maxSizeMiB: number; maxFiles: number };
  network: docker.Network;
  /** Secret: derived from the stack's root key. */
  keyring: pulumi.Output<Keyring>;
  images: Images;
  /** Volume by its name in the specs. */
  volume(name: string): docker.Volume;
  /** Container of a service deployed before. @throws {Error} when it is not there yet */
  container(service: string): docker.Container;
  /** Makes a container known to those who depend on it. */
  deployed(service: string, container: docker.Container): void;
}
