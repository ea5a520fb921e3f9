import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { Workshop, expectSuccess, repository } from "./harness.ts";

// The SDK's declarations are what programs are written against; the provider's schema is what the
// built binary understands. A name or a shape that differs is an input that is silently lost.

interface Property {
  optional: boolean;
  shape: string;
}
type Interface = Record<string, Property>;

/** Differences that are meant. Every entry must still apply, else the test fails. */
const exceptions: Record<string, Record<string, string>> = {
  docker: {
    Image: "a native resource of Pulumi's own provider, not in the Terraform provider: RemoteImage{build} builds images",
  },
  random: {},
};

const shapeNames = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.StringKeyword, "string"],
  [ts.SyntaxKind.NumberKeyword, "number"],
  [ts.SyntaxKind.BooleanKeyword, "boolean"],
  [ts.SyntaxKind.AnyKeyword, "any"],
]);

function shapeOfType(type: ts.TypeNode): string {
  if (ts.isUnionTypeNode(type)) {
    const rest = type.types.filter((t) => t.kind !== ts.SyntaxKind.UndefinedKeyword);
    return rest.map(shapeOfType).join("|");
  }
  if (ts.isArrayTypeNode(type)) return `list<${shapeOfType(type.elementType)}>`;
  if (ts.isTypeLiteralNode(type)) {
    const index = type.members.find(ts.isIndexSignatureDeclaration);
    return index ? `map<${shapeOfType(index.type)}>` : "unknown";
  }
  if (ts.isTypeReferenceNode(type)) {
    const name = type.typeName.getText();
    if (name === "pulumi.Input" && type.typeArguments) return shapeOfType(type.typeArguments[0]!);
    if (/^(inputs|outputs)\./.test(name)) return `type ${name.slice(name.indexOf(".") + 1)}`;
    return name;
  }
  return shapeNames.get(type.kind) ?? type.getText();
}

function interfacesOf(file: string): Record<string, Interface> {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const found: Record<string, Interface> = {};
  for (const statement of source.statements) {
    if (!ts.isInterfaceDeclaration(statement)) continue;
    found[statement.name.text] = Object.fromEntries(
      statement.members.filter(ts.isPropertySignature).map((member) => [
        member.name.getText(),
        { optional: member.questionToken !== undefined, shape: shapeOfType(member.type as ts.TypeNode) },
      ]),
    );
  }
  return found;
}

function shapeOfProperty(property: any): string {
  if (property.$ref) return `type ${property.$ref.split(/[/:]/).pop()}`;
  if (property.type === "array") return `list<${shapeOfProperty(property.items)}>`;
  if (property.type === "object") return `map<${shapeOfProperty(property.additionalProperties ?? { type: "string" })}>`;
  return property.type === "integer" ? "number" : property.type;
}

function lowerFirst(name: string): string {
  return name[0]!.toLowerCase() + name.slice(1);
}

/** All differences between the package's declarations and the schema, one line each. */
function compare(name: string, schema: any): { differences: string[]; compared: number } {
  const folder = join(repository, "node_modules/@pulumi", name);
  const types = ["output", "input"].reduce<Record<string, Interface>>((all, file) => {
    try {
      return { ...all, ...interfacesOf(join(folder, `types/${file}.d.ts`)) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return all;
      throw error;
    }
  }, {});
  const differences: string[] = [];
  const followed = new Set<string>();
  let compared = 0;

  function properties(label: string, sdk: Interface, own: any, required?: string[]) {
    for (const key of new Set([...Object.keys(sdk), ...Object.keys(own ?? {})])) {
      compared++;
      const expected = sdk[key];
      const actual = own?.[key];
      if (!expected || !actual) {
        differences.push(`${label}.${key}: only in the ${expected ? "SDK" : "schema"}`);
        continue;
      }
      const shape = shapeOfProperty(actual);
      // Types of functions begin with a small letter in the schema and a capital one in the SDK.
      if (shape.replace("type get", "type Get") !== expected.shape) {
        differences.push(`${label}.${key}: ${expected.shape} in the SDK, ${shape} in the schema`);
      }
      if (required && required.includes(key) === expected.optional) {
        differences.push(`${label}.${key}: ${expected.optional ? "optional" : "required"} only in the SDK`);
      }
      const type = /type (\w+)/.exec(shape)?.[1];
      const sdkType = /type (\w+)/.exec(expected.shape)?.[1];
      if (type && sdkType && !followed.has(type)) {
        followed.add(type);
        const definition = schema.types[`${name}:index/${type}:${type}`];
        if (!definition || !types[sdkType]) differences.push(`${label}.${key}: type ${type} is not declared on both sides`);
        else properties(sdkType, types[sdkType], definition.properties, definition.required ?? []);
      }
    }
  }

  for (const file of readdirSync(folder).filter((f) => f.endsWith(".d.ts"))) {
    for (const [declared, sdk] of Object.entries(interfacesOf(join(folder, file)))) {
      const [, subject, kind] = /^(\w+?)(Args|State)$/.exec(declared) ?? [];
      if (!subject || subject.endsWith("Output")) continue;
      if (subject === "Provider") {
        properties(declared, sdk, schema.provider.inputProperties, schema.provider.requiredInputs ?? []);
        continue;
      }
      const token = `${name}:index/${lowerFirst(subject)}:${subject.startsWith("Get") ? lowerFirst(subject) : subject}`;
      const inputs = schema.functions?.[token]?.inputs;
      const resource = schema.resources[token];
      if (inputs) properties(declared, sdk, inputs.properties, inputs.required ?? []);
      else if (!resource) differences.push(`${subject}: only in the SDK`);
      else if (kind === "Args") properties(declared, sdk, resource.inputProperties, resource.requiredInputs ?? []);
      else properties(declared, sdk, resource.stateInputs?.properties);
    }
  }
  return { differences, compared };
}

describe("toolchain: provider schemas", function () {
  this.timeout(60_000);
  let workshop: Workshop;
  before(() => (workshop = new Workshop()));
  after(() => workshop?.remove());

  async function schemaOf(name: string) {
    const binary = join(workshop.toolchain, `plugins/pulumi-resource-${name}`);
    return JSON.parse(
      expectSuccess(await workshop.pulumi(workshop.directory, ["package", "get-schema", binary])).stdout,
    );
  }

  for (const [name, least] of [["docker", 500], ["random", 80]] as const) {
    it(`the ${name} provider has every input of the SDK, in name, shape and need`, async () => {
      const schema = await schemaOf(name);
      const sdk = JSON.parse(readFileSync(join(repository, `node_modules/@pulumi/${name}/package.json`), "utf8"));
      assert.equal(schema.version, sdk.version);

      const { differences, compared } = compare(name, schema);
      assert.ok(compared > least, `only ${compared} properties were found to compare`);
      assert.deepEqual(differences, Object.keys(exceptions[name] ?? {}).map((subject) => `${subject}: only in the SDK`));
    });
  }

  it("notices a missing, a renamed and a reshaped input", async () => {
    const schema = await schemaOf("docker");
    const container = schema.resources["docker:index/container:Container"].inputProperties;
    container.networkAdvanced = container.networksAdvanced;
    delete container.networksAdvanced;
    container.command = { type: "string" };
    delete schema.types["docker:index/ContainerHealthcheck:ContainerHealthcheck"].properties.startPeriod;
    const { differences } = compare("docker", schema);
    for (const expected of [
      "ContainerArgs.networksAdvanced: only in the SDK",
      "ContainerArgs.networkAdvanced: only in the schema",
      "ContainerArgs.command: list<string> in the SDK, string in the schema",
      "ContainerHealthcheck.startPeriod: only in the SDK",
    ]) {
      assert.ok(differences.includes(expected), `not noticed: ${expected}`);
    }
  });
});
