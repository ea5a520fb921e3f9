import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { keyring, type Keyring } from "../plan/secrets.ts";

export interface RootKeyArgs {
  /** Refuses to delete it: passwords in protected volumes are derived from it. */
  protect: boolean;
}

/** The one secret of a stack that is stored; every password, token and grant is derived from it. */
export class RootKey extends pulumi.ComponentResource {
  /** Secret. */
  readonly keyring: pulumi.Output<Keyring>;

  constructor(name: string, { protect }: RootKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mcp:index:RootKey", name, {}, opts);
    const key = new random.RandomPassword(`${name}-password`, { length: 64, special: false }, { parent: this, protect });
    this.keyring = pulumi.secret(key.result.apply(keyring));
    this.registerOutputs({});
  }
}
