/** JSON documents with secrets in them. */
import type { SecretPart } from "../service-spec.ts";

/** Stands in a document for a string that is known only to the deployment. */
export class SecretValue {
  readonly part: Exclude<SecretPart, string>;
  constructor(part: Exclude<SecretPart, string>) {
    this.part = part;
  }
}
export const secret = (part: Exclude<SecretPart, string>): SecretValue => new SecretValue(part);

/**
 * The document as pieces of a secret file. The values that are filled in later are passwords, hashes and the like: they
 * hold nothing that JSON escapes.
 */
export function secretJson(document: unknown): SecretPart[] {
  const parts: SecretPart[] = [];
  // U+0001 cannot stand in JSON unescaped, and no name of ours holds one.
  const text = JSON.stringify(document, (_, value: unknown) => {
    if (!(value instanceof SecretValue)) return value;
    parts.push(value.part);
    return "\u0001";
  }, 1);
  const [first, ...rest] = text.split("\\u0001");
  return [first!, ...rest.flatMap((piece, index) => [parts[index]!, piece])];
}
