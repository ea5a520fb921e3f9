/** Content of secret files: the stack's root key turned into what a `SecretPart` asks for. */
import type { Certificate } from "../contract/delegation.ts";
import * as derive from "../contract/derive.ts";
import type { SecretPart } from "./service-spec.ts";

/** Renders parts of secret files. */
export interface Keyring {
  render(parts: readonly SecretPart[]): string;
}

/** @param root value of the stack's root key */
export function keyring(root: string): Keyring {
  const passwords = derive.passwordKey(root);
  const signing = derive.signingKey(root);
  const one = (part: SecretPart): string => {
    if (typeof part === "string") return part;
    if ("password" in part) return derive.derivePassword(passwords, part.password.store, part.password.identity);
    if ("rabbitmqHash" in part) return derive.rabbitmqHash(passwords, part.rabbitmqHash.identity);
    if ("sha256" in part) return derive.sha256Hex(derive.derivePassword(passwords, part.sha256.store, part.sha256.identity));
    if ("scram" in part) return derive.scramVerifier(passwords, part.scram.identity);
    if ("token" in part) return derive.signJwt(part.token, signing);
    if ("grant" in part) return derive.signJwt(part.grant, signing);
    if ("publicKey" in part) return derive.publicKey(signing);
    if ("certificate" in part) {
      const { certifies, keyOf } = part.certificate;
      return derive.signJwt({ certifies, key: derive.publicKey(derive.parsePrivateKey(derive.deriveKey(root, keyOf))) } satisfies Certificate, signing);
    }
    return derive.deriveKey(root, part.key);
  };
  return { render: (parts) => parts.map(one).join("") };
}
