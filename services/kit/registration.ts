/** The entry of a service in etcd: there while it lives, gone 15 s after a crash and at once after a clean stop. */
import { LEASE_SECONDS, type Registration as Entry } from "../../contract/registry.ts";
import { backoffMs, RECONNECT, sleep } from "./backoff.ts";
import { EtcdError } from "./etcd/connection.ts";
import { EtcdGateway } from "./etcd/gateway.ts";
import { messageOf } from "./errors.ts";
import type { Logger } from "./log.ts";

export interface RegistrationOptions {
  /** `http://user:password@etcd:2379`; secret. */
  url: string;
  key: string;
  entry: Entry;
  log: Logger;
  onRefused?: () => void;
  /** Told before each renewal; what it returns is written if it differs. */
  refresh?: () => Promise<Partial<Entry>>;
  leaseSeconds?: number;
}

/** Changes of the entry are written at most this often: a busy agent changes its task hundreds of times a second. */
const WRITE_INTERVAL_MS = 1_000;

export class EtcdRegistration {
  readonly #options: RegistrationOptions;
  readonly #etcd: EtcdGateway;
  readonly #closing = new AbortController();
  readonly #done: Promise<void>;
  #entry: Entry;
  #written = "";
  #lease: string | null = null;
  #wake: AbortController | null = null;
  #lastWriteAt = 0;

  constructor(options: RegistrationOptions) {
    this.#options = options;
    this.#etcd = new EtcdGateway(options.url);
    this.#entry = options.entry;
    this.#done = this.#keep();
  }

  /** The entry is in etcd, as of the last renewal. */
  get registered(): boolean {
    return this.#lease !== null;
  }

  /** Written within a second. */
  update(change: Partial<Entry>): void {
    this.#entry = { ...this.#entry, ...change };
    // Again it would do nothing, and yet make the error of an abort with its stack: a twentieth of a busy agent's time.
    if (this.#wake?.signal.aborted === false && JSON.stringify(this.#entry) !== this.#written) this.#wake.abort();
  }

  /** Takes the entry away. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake?.abort();
    await this.#done;
    const lease = this.#lease;
    this.#lease = null;
    if (lease === null) return;
    await this.#etcd.revokeLease(lease).catch((error: unknown) => {
      // Gone already is what we want.
      if (!(error instanceof EtcdError && error.notFound)) throw error;
    });
  }

  async #keep(): Promise<void> {
    const { log, key, onRefused } = this.#options;
    const renewMs = ((this.#options.leaseSeconds ?? LEASE_SECONDS) * 1_000) / 3;
    let failures = 0;
    let renewAt = 0;
    while (!this.#closing.signal.aborted) {
      try {
        if (Date.now() >= renewAt) {
          if (this.#options.refresh) this.#entry = { ...this.#entry, ...(await this.#options.refresh()) };
          await this.#renew();
          renewAt = Date.now() + renewMs;
        } else if (this.#lease !== null) await this.#write(this.#lease);
        if (failures > 0) log.info({ key }, "registered in etcd again");
        failures = 0;
        await this.#pause(renewAt - Date.now());
      } catch (error) {
        failures++;
        renewAt = 0;
        this.#lease = null;
        if (failures === 1) log.warn({ key, reason: messageOf(error) }, "not registered in etcd; trying until it is");
        if (error instanceof EtcdError && error.refused) onRefused?.();
        await sleep(backoffMs(failures, RECONNECT), this.#closing.signal).catch(() => undefined);
      }
    }
  }

  /** Keeps the lease and the key; makes both anew where they are gone. */
  async #renew(): Promise<void> {
    const { key, log, leaseSeconds = LEASE_SECONDS } = this.#options;
    const lease = this.#lease;
    if (lease !== null && (await this.#etcd.keepAlive(lease))) {
      const value = JSON.stringify(this.#entry);
      const held = await this.#etcd.putIfNotHeld(key, value, lease);
      if (!held) {
        this.#written = value;
        log.info({ key }, "the key was gone from etcd; written again");
      }
      await this.#write(lease);
      return;
    }
    const fresh = await this.#etcd.grantLease(leaseSeconds);
    this.#written = "";
    await this.#write(fresh);
    this.#lease = fresh;
    if (lease === null) log.info({ key }, "registered in etcd");
    else log.warn({ key }, "the etcd lease was lost; registered with a new one");
  }

  async #write(lease: string): Promise<void> {
    const value = JSON.stringify(this.#entry);
    if (value === this.#written) return;
    await this.#etcd.put(this.#options.key, value, lease);
    this.#written = value;
    this.#lastWriteAt = Date.now();
  }

  /** Sleeps; a changed entry ends it early, but not before the write interval is over. */
  async #pause(ms: number): Promise<void> {
    this.#wake = new AbortController();
    const wake = this.#wake.signal;
    if (JSON.stringify(this.#entry) === this.#written) await sleep(Math.max(ms, 0), wake).catch(() => undefined);
    const quietMs = this.#lastWriteAt + WRITE_INTERVAL_MS - Date.now();
    if (JSON.stringify(this.#entry) !== this.#written && quietMs > 0) await sleep(quietMs, this.#closing.signal).catch(() => undefined);
  }
}
