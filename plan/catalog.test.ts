import assert from "node:assert/strict";
import { SettingsError } from "../contract/settings.ts";
import { parseCatalog, type CatalogFiles } from "./catalog.ts";

const SERVER = "description: Converts units.\n    port: 8080\n    capabilities: [convert_unit]\n";
const utils = (text: string) => ({ path: "configs/servers/utils.yaml", text });
const builder = (text: string) => ({ path: "configs/agents/builder.yaml", text });

function problems(files: Partial<CatalogFiles>): readonly string[] {
  try {
    parseCatalog({ servers: [], agents: [], ...files });
  } catch (error) {
    assert.ok(error instanceof SettingsError, String(error));
    return error.problems;
  }
  return [];
}

describe("the catalogue", () => {
  it("gives servers their category, and entries their defaults", () => {
    const { servers, agents } = parseCatalog({
      servers: [utils(`category: utils\nservers:\n  toolbox:\n    ${SERVER}`)],
      agents: [builder("type: builder\ndescription: Compiles code.\ncapabilities: [compile]\n")],
    });
    assert.equal(servers.toolbox!.category, "utils");
    assert.deepEqual(servers.toolbox!.resources, { memoryMiB: 160, cpus: 1 });
    assert.equal(agents.builder!.concurrency, 4);
  });

  it("reports every wrong file and key at once", () => {
    const found = problems({
      servers: [utils(`category: utils\nservers:\n  toolbox:\n    ${SERVER}    prot: 1\n    replicas: none\n`)],
      agents: [builder("type: fixer\ndescription: Compiles code.\ncapabilities: [compile]\n")],
    });
    assert.equal(found.length, 3, found.join("\n"));
    assert.match(found[0]!, /^configs\/servers\/utils\.yaml: servers: toolbox: replicas: /);
    assert.match(found[1]!, /^configs\/servers\/utils\.yaml: servers: toolbox: .*"prot"/);
    assert.equal(found[2], 'configs/agents/builder.yaml: names "fixer" and must name "builder", like the file');
  });

  it("says where a file is not YAML", () => {
    assert.match(problems({ agents: [builder("type: [builder\n")] }).join("\n"), /^configs\/agents\/builder\.yaml: .* at line 2, column 1/);
  });

  it("refuses a category that is none", () => {
    assert.match(problems({ servers: [utils("category: untils\nservers: {}\n")] })[0]!, /^configs\/servers\/utils\.yaml: category: .*"orchestration"/);
  });

  it("refuses two servers of one name", () => {
    const entry = (category: string) => ({ path: `configs/servers/${category}.yaml`, text: `category: ${category}\nservers:\n  toolbox:\n    ${SERVER}` });
    assert.deepEqual(problems({ servers: [entry("utils"), entry("ui")] }),
      ["configs/servers/ui.yaml: servers: toolbox: configs/servers/utils.yaml has a server of this name"]);
  });
});
