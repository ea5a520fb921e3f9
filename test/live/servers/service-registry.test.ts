/** service-registry's view of a real etcd, with the rights that its catalogue entry asks for and no others. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ACCESS_ADMIN } from "../../../contract/access.ts";
import { passwordKey } from "../../../contract/derive.ts";
import { agentKey, serverKey, type Registration } from "../../../contract/registry.ts";
import { parseSettings } from "../../../contract/settings.ts";
import { parseCatalog } from "../../../plan/catalog.ts";
import { readCatalogFiles, readInfrastructureConfigs } from "../../../plan/read-sources.ts";
import { infrastructureSpecs } from "../../../plan/infrastructure/index.ts";
import { storeUrl } from "../../../plan/environment.ts";
import { serverGrant, serverIdentity } from "../../../plan/rights.ts";
import { EtcdConnection } from "../../../services/kit/etcd/connection.ts";
import { EtcdAccess } from "../../../services/access/stores/etcd.ts";
import { EtcdGateway } from "../../../services/kit/etcd/gateway.ts";
import { createLogger } from "../../../services/kit/log.ts";
import { EtcdRegistration } from "../../../services/kit/registration.ts";
import { callTool } from "../../../services/kit/testing.ts";
import type { Deps } from "../../../services/servers/orchestration/service-registry/deps.ts";
import { etcdSource } from "../../../services/servers/orchestration/service-registry/etcd-source.ts";
import { HealthBook } from "../../../services/servers/orchestration/service-registry/health.ts";
import { nameOf, writeCursor } from "../../../services/servers/orchestration/service-registry/registry.ts";
import { findServices } from "../../../services/servers/orchestration/service-registry/tools/find-services.ts";
import { watchChanges } from "../../../services/servers/orchestration/service-registry/tools/watch-changes.ts";
import { SpecRunner } from "../support/run-spec.ts";

const ROOT = join(import.meta.dirname, "../../..");
const NAME = "service-registry";
const ENTRY: Registration = { host: "h", port: 1, status: "healthy", capabilities: ["hash_data"], current_task: null, version: "0.1.0", started_at: "2026-01-01T00:00:00.000Z" };

describe("service-registry on etcd", function () {
  this.timeout(120_000);
  const runner = new SpecRunner({ prefix: "servers-test-" });
  let admin: EtcdGateway;
  let own: EtcdGateway;
  let deps: Deps;
  const url = (identity: string): string => runner.keys.render(storeUrl("etcd", identity)).replace("@etcd:", `@${runner.address("etcd")}:`);
  const adminUrl = (): string => url(ACCESS_ADMIN.etcd);
  const names = async (): Promise<string[]> => (await deps.registry.now()).entries.map(nameOf);
  const put = async (key: string, more: Partial<Registration> = {}): Promise<void> =>
    admin.put(key, JSON.stringify({ ...ENTRY, ...more }), await admin.grantLease(60));

  before(async () => {
    await runner.setUp();
    await runner.start(infrastructureSpecs(parseSettings({}), readInfrastructureConfigs(ROOT)).find(({ name }) => name === "etcd")!);
    await runner.ready("etcd", 60_000);
    admin = new EtcdGateway(adminUrl());
    await new EtcdAccess(adminUrl(), passwordKey(runner.rootKey)).apply(serverGrant(NAME, parseCatalog(readCatalogFiles(ROOT)).servers[NAME]!));
    own = new EtcdGateway(url(serverIdentity(NAME)));
    deps = { registry: etcdSource(own), health: new HealthBook(async () => ({ ready: true, missing: [], latencyMs: 0 })) };
  });
  after(() => runner.tearDown());

  it("sees what services register, and nothing malformed", async () => {
    await put(serverKey("utils", "toolbox", 1));
    await put(agentKey("builder", 2), { status: "idle", capabilities: ["build"] });
    await admin.put("/services/mcp/servers/utils/broken-1", "{", await admin.grantLease(60));
    assert.deepEqual(await names(), ["builder", "toolbox"]);
    assert.deepEqual((await callTool(findServices, deps, { capability: "build" })).services.map(({ name, instance }) => `${name}-${instance}`), ["builder-2"]);
  });

  it("may read the registry, and neither write it nor read elsewhere", async () => {
    const lease = await own.grantLease(60);
    await assert.rejects(own.put(agentKey("builder", 9), "{}", lease), /permission denied/);
    await assert.rejects(own.range("/elsewhere"), /permission denied/);
    await own.revokeLease(lease);
  });

  it("tells of a service that ends cleanly, as soon as it does", async () => {
    const registration = new EtcdRegistration({ url: adminUrl(), key: serverKey("utils", "passing", 1), log: createLogger("test", "silent"), entry: ENTRY });
    while (!registration.registered) await new Promise((resolve) => setTimeout(resolve, 20));
    const { cursor } = await callTool(watchChanges, deps, {});
    const waiting = callTool(watchChanges, deps, { cursor, waitSeconds: 20 });
    const startedAt = Date.now();
    setTimeout(() => void registration.close(), 300);
    const { changes } = await waiting;
    assert.deepEqual(changes.map(({ change, service }) => [change, service.name]), [["vanished", "passing"]]);
    assert.ok(Date.now() - startedAt < 2_000, "the wait ended with the change");
  });

  it("keeps changes between two calls, and says when etcd has forgotten them", async () => {
    const { cursor } = await callTool(findServices, deps, {});
    await put(serverKey("utils", "toolbox", 1), { status: "degraded" });
    await put(serverKey("utils", "toolbox", 2));
    const first = await callTool(watchChanges, deps, { cursor });
    assert.deepEqual(first.changes.map(({ change, service, statusBefore }) => [change, service.instance, statusBefore]), [["changed", 1, "healthy"], ["appeared", 2, null]]);
    const { revision } = await deps.registry.now();
    await new EtcdConnection(adminUrl()).call("kv/compaction", { revision });
    const late = await callTool(watchChanges, deps, { cursor });
    assert.deepEqual([late.historyLost, late.changes.length], [true, 3]);
    const ahead = await callTool(watchChanges, deps, { cursor: writeCursor(String(BigInt(revision) + 1_000n)) });
    assert.equal(ahead.historyLost, true);
  });

  it("works again after etcd was killed and came back", async () => {
    const before = await names();
    await runner.kill("etcd");
    await assert.rejects(deps.registry.now(), /etcd did not answer/);
    await runner.restart("etcd");
    await runner.ready("etcd", 60_000);
    // At once: nobody waits out a back-off here.
    assert.deepEqual(await names(), before);
  });
});
