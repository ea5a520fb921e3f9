/** What the agents keep in PostgreSQL and what they run, with the rights and the image of the deployment. */
import { after, before, describe } from "mocha";
import { artifactCases } from "./artifacts.cases.ts";
import { codeIndexCases } from "./code-index.cases.ts";
import { ctagsCases } from "./ctags.cases.ts";
import { fabricCases } from "./fabric.cases.ts";
import { AgentsRig } from "./rig.ts";

describe("the agents", function () {
  this.timeout(180_000);
  const rig = new AgentsRig();
  before(() => rig.setUp());
  after(() => rig.tearDown());

  describe("code index", () => codeIndexCases(rig));
  describe("ctags of the image", () => ctagsCases(rig));
  describe("artifacts", () => artifactCases(rig));
  describe("task fabric", () => fabricCases(rig));
});
