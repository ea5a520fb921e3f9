/** One owner of an account's nonces: a key in etcd that hangs on a lease, taken by whoever comes first. */
import type { EtcdGateway } from "../../kit/etcd/gateway.ts";
import { RECONNECT, sleep } from "../../kit/backoff.ts";

export interface NonceLease {
  /** Whether nobody else can have it now; by this process's own clock, so that a pause of the process ends it. */
  held(): boolean;
}

const LEASE_SECONDS = 10;
/** Of the lease: a third is left for an answer that is late, and for clocks that run differently. */
const TRUSTED_MS = (LEASE_SECONDS * 1_000 * 2) / 3;
const RENEW_MS = 2_000;

type LeaseStore = Pick<EtcdGateway, "grantLease" | "keepAlive" | "revokeLease" | "putIfAbsent">;

export class EtcdNonceLease implements NonceLease {
  readonly #etcd: LeaseStore;
  readonly #key: string;
  readonly #nowMs: () => number;
  #lease: string | null = null;
  #trustedUntilMs = -1;

  /** @param key one for each chain and account @param nowMs monotonic */
  constructor(etcd: LeaseStore, key: string, nowMs: () => number = () => performance.now()) {
    this.#etcd = etcd;
    this.#key = key;
    this.#nowMs = nowMs;
  }

  held(): boolean {
    return this.#nowMs() < this.#trustedUntilMs;
  }

  /** Takes the lease, or prolongs it. @returns whether it is held @throws {EtcdError | Unavailable} */
  async renew(): Promise<boolean> {
    const askedAt = this.#nowMs();
    if (this.#lease !== null && await this.#etcd.keepAlive(this.#lease)) {
      this.#trustedUntilMs = askedAt + TRUSTED_MS;
      return true;
    }
    this.#trustedUntilMs = -1;
    this.#lease = null;
    const lease = await this.#etcd.grantLease(LEASE_SECONDS);
    if (await this.#etcd.putIfAbsent(this.#key, "held", lease)) {
      this.#lease = lease;
      this.#trustedUntilMs = askedAt + TRUSTED_MS;
      return true;
    }
    await this.#etcd.revokeLease(lease);
    return false;
  }

  /** Renews until the signal fires, and gives it back then. @param onFailure told of each renewal that failed */
  async run(signal: AbortSignal, onFailure: (error: unknown) => void): Promise<void> {
    while (!signal.aborted) {
      await this.renew().catch(onFailure);
      await sleep(this.held() ? RENEW_MS : RECONNECT.maxMs, signal).catch(() => undefined);
    }
    this.#trustedUntilMs = -1;
    if (this.#lease !== null) await this.#etcd.revokeLease(this.#lease).catch(onFailure);
  }
}
