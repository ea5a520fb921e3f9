/** What the tools of __NAME__ work with. */
import type { ServiceContext } from "../../../kit/service-context.ts";

export interface Deps {
  /** Words that say nothing about a text's subject, in lower case. */
  stopWords: ReadonlySet<string>;
}

const ENGLISH =
  "a an and are as at be but by for from has have i if in into is it its no not of on or our so than that the their then there these they this to was we were what when which who will with you your";

export const defaults: Deps = { stopWords: new Set(ENGLISH.split(" ")) };

/** Stores come from the service: `service.postgres()`, `service.redis()`; each is connected at its first use. */
export async function connect(service: ServiceContext): Promise<Deps> {
  service.log.info({ stopWords: defaults.stopWords.size }, "ready");
  return defaults;
}
