/** The hub on real stores with the rights of the deployment; agents made from the contract's page. */
import { after, afterEach, before, describe } from "mocha";
import { apiCases } from "./api.cases.ts";
import { bulkCases } from "./bulk.cases.ts";
import { failureCases } from "./failures.cases.ts";
import { foreignCases } from "./foreign.cases.ts";
import { gatewayCases } from "./gateway.cases.ts";
import { interruptionCases } from "./interruptions.cases.ts";
import { limitCases } from "./limits.cases.ts";
import { longCallCases } from "./long-calls.cases.ts";
import { orderCases } from "./order.cases.ts";
import { HubRig } from "./rig.ts";
import { twoHubCases } from "./two-hubs.cases.ts";

describe("the hub", function () {
  this.timeout(120_000);
  const rig = new HubRig();
  before(() => rig.setUp());
  afterEach(async function () {
    if (this.currentTest?.state === "failed") console.error(rig.hub.output.split("\n").slice(-15).join("\n"));
    await rig.dismiss();
  });
  after(() => rig.tearDown());

  describe("task API", () => apiCases(rig));
  describe("many at once", () => bulkCases(rig));
  describe("failures", () => failureCases(rig));
  describe("time limits", () => limitCases(rig));
  describe("foreign messages", () => foreignCases(rig));
  describe("order of dispatch", () => orderCases(rig));
  describe("interruptions", () => interruptionCases(rig));
  describe("two hubs", () => twoHubCases(rig));
  describe("gateway and edge", () => gatewayCases(rig));
  describe("long calls", () => longCallCases(rig));
});
