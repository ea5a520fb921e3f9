/** Grants: checked against the deployment's signature, then applied to every store. */
import type { KeyObject } from "node:crypto";
import { ACCESS_ADMIN, Grant, OPERATOR, postgresRole, storeUser, type Store } from "../../contract/access.ts";
import { verifyJwt } from "../../contract/derive.ts";
import { messageOf, Unavailable, UserFault } from "../kit/errors.ts";
import { fieldErrors, HttpProblem } from "../kit/problem.ts";
import { Lane } from "./lane.ts";

/** Names in the stores that belong to the deployment; no grant may be for one of them. */
const RESERVED = new Set([...Object.values(ACCESS_ADMIN), OPERATOR, "default", "health", "guest", "postgres"]);

/**
 * The grant inside a signed one.
 *
 * @throws {HttpProblem} 403 for a signature that is not this deployment's, 422 for a shape or identity that is not allowed
 */
export function readGrant(jwt: string, key: KeyObject): Grant {
  const claims = verifyJwt(jwt, key);
  if (claims === null) throw new HttpProblem(403, "The grant is not signed by this deployment. Send the MCP_ACCESS_GRANT of your secrets file.");
  const parsed = Grant.safeParse(claims);
  if (!parsed.success) throw new HttpProblem(422, "The grant does not fit its schema (contract/access.ts).", fieldErrors(parsed.error));
  const { identity } = parsed.data;
  if (!/^[a-z][a-z0-9-]*(:[a-z][a-z0-9-]*)?$/.test(identity) || RESERVED.has(storeUser(identity)) || RESERVED.has(postgresRole(identity))) {
    throw new HttpProblem(422, `"${identity}" cannot be the identity of an application.`);
  }
  return parsed.data;
}

export interface Applied { identity: string; applied: Store[]; ms: number }

export interface GrantTarget { readonly name: Store; apply(grant: Grant): Promise<void> }

/** Applies grants: to all stores at once, and for one identity one after the other, so that the last one sent wins. */
export class Grants {
  readonly #targets: readonly GrantTarget[];
  readonly #lanes = new Map<string, Lane>();

  constructor(targets: readonly GrantTarget[]) {
    this.#targets = targets;
  }

  /** @throws {HttpProblem} 422 or 503 that says which store failed and why, and which are done; to be sent again whole */
  async apply(grant: Grant): Promise<Applied> {
    const { identity } = grant;
    const lane = this.#lanes.get(identity) ?? new Lane();
    this.#lanes.set(identity, lane);
    try {
      return await lane.run(() => this.#applyNow(grant));
    } finally {
      if (lane.idle) this.#lanes.delete(identity);
    }
  }

  async #applyNow(grant: Grant): Promise<Applied> {
    const started = performance.now();
    const outcomes = await Promise.allSettled(this.#targets.map((target) => target.apply(grant)));
    const applied = this.#targets.filter((_, index) => outcomes[index]!.status === "fulfilled").map(({ name }) => name);
    const failures = this.#targets.flatMap(({ name }, index) => {
      const outcome = outcomes[index]!;
      return outcome.status === "rejected" ? [{ name, reason: outcome.reason as unknown }] : [];
    });
    if (failures.length > 0) throw failure(grant.identity, failures, applied);
    return { identity: grant.identity, applied, ms: Math.round(performance.now() - started) };
  }
}

function failure(identity: string, failures: { name: Store; reason: unknown }[], applied: readonly Store[]): HttpProblem {
  const fault = failures.some(({ reason }) => reason instanceof UserFault);
  const away = failures.every(({ reason }) => reason instanceof Unavailable);
  const what = failures.map(({ name, reason }) => `${name}: ${messageOf(reason)}`).join("; ");
  const done = applied.length === 0 ? "nothing is applied" : `applied: ${applied.join(", ")}`;
  const next = fault ? "Correct the grant." : away ? "Send it again." : "Send it again; if it fails the same way, look at the stores' logs.";
  return new HttpProblem(fault ? 422 : 503, `Grant of ${identity}: ${what} (${done}). ${next}`);
}
