/** What the actions of __NAME__ work with. */
import type { ServiceContext } from "../../kit/service-context.ts";

export interface Deps {
  /** Words counted between two looks at the signal. */
  batchWords: number;
}

export const defaults: Deps = { batchWords: 50_000 };

/** Stores come from the service: `service.postgres()`, `service.redis()`; each is connected at its first use. */
export async function connect(_service: ServiceContext): Promise<Deps> {
  return defaults;
}
