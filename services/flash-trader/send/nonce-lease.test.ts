import assert from "node:assert/strict";
import { EtcdNonceLease } from "./nonce-lease.ts";

/** One key and its lease, as etcd keeps them. */
class Etcd {
  holder: string | null = null;
  away = false;
  #count = 0;
  readonly #alive = new Set<string>();
  #ask(): void { if (this.away) throw new Error("no leader"); }
  async grantLease(): Promise<string> { this.#ask(); const id = String(++this.#count); this.#alive.add(id); return id; }
  async keepAlive(lease: string): Promise<boolean> { this.#ask(); return this.#alive.has(lease); }
  async revokeLease(lease: string): Promise<void> { this.#ask(); this.expire(lease); }
  async putIfAbsent(_key: string, _value: string, lease: string): Promise<boolean> { this.#ask(); this.holder ??= lease; return this.holder === lease; }
  expire(lease: string | null): void { this.#alive.delete(lease!); if (this.holder === lease) this.holder = null; }
}

describe("the lease of an account's nonces", () => {
  const clock = { ms: 0 };
  const lease = (etcd: Etcd): EtcdNonceLease => new EtcdNonceLease(etcd, "/key", () => clock.ms);

  it("is held by one alone, and by the next when the first is gone", async () => {
    const etcd = new Etcd();
    const [one, two] = [lease(etcd), lease(etcd)];
    assert.deepEqual([one.held(), await one.renew(), await two.renew(), one.held(), two.held()], [false, true, false, true, false]);
    etcd.expire(etcd.holder);
    assert.equal(await two.renew(), true);
    assert.equal(await one.renew(), false, "whose lease had run out finds the key taken");
    assert.deepEqual([one.held(), two.held()], [false, true]);
  });

  it("is not trusted to its very end without an answer", async () => {
    const etcd = new Etcd();
    const one = lease(etcd);
    await one.renew();
    etcd.away = true;
    clock.ms += 6_600;
    await assert.rejects(one.renew(), /no leader/);
    assert.ok(one.held());
    clock.ms += 100;
    assert.ok(!one.held(), "a third of its ten seconds before anybody else can take it");
  });

  it("is given back at the end", async () => {
    const etcd = new Etcd();
    const [one, stop] = [lease(etcd), new AbortController()];
    const running = one.run(stop.signal, (error) => assert.fail(String(error)));
    while (!one.held()) await new Promise(setImmediate);
    stop.abort();
    await running;
    assert.equal(etcd.holder, null);
    assert.ok(!one.held());
  });
});
