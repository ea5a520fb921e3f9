import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { checkSchema, lockStatements, loginStatements, narrows, ownerStatements, schemaStatements } from "./postgres-statements.ts";

const NEW = { role: "agent_builder", exists: false, memberOf: [], actsAs: null };
const OLD = { role: "agent_builder", exists: true, memberOf: ["artifacts_owner", "code_index_reader"], actsAs: "artifacts_owner" };

describe("SQL of a grant", () => {
  it("makes a schema with its owner and reader, and nothing of it twice", () => {
    const nothing = { roles: new Set<string>(), schemas: new Set<string>() };
    const statements = schemaStatements("artifacts", nothing);
    assert.deepEqual(statements.slice(0, 4), [
      'CREATE ROLE "artifacts_owner" NOLOGIN', 'CREATE ROLE "artifacts_reader" NOLOGIN',
      'CREATE SCHEMA "artifacts"', 'ALTER SCHEMA "artifacts" OWNER TO "artifacts_owner"',
    ]);
    assert.deepEqual(schemaStatements("artifacts", { roles: new Set(["artifacts_owner", "artifacts_reader"]), schemas: new Set(["artifacts"]) }), []);
  });

  it("gives the owner that a session acts as the grant's other groups, and takes back what is no longer granted", () => {
    const rights = { owns: "artifacts", reads: ["code_index"], groups: ["effects_writer"] };
    assert.deepEqual(ownerStatements({ role: "artifacts_owner", memberOf: ["fabric_reader", "effects_writer"] }, rights), [
      'REVOKE "fabric_reader" FROM "artifacts_owner"', 'GRANT "code_index_reader" TO "artifacts_owner"',
    ]);
  });

  it("makes a login that acts as the owner of its schema", () => {
    assert.deepEqual(loginStatements(NEW, { owns: "artifacts", reads: ["code_index"], groups: ["effects_writer"] }, "SCRAM-SHA-256$x", "mcp"), [
      'CREATE ROLE "agent_builder"',
      `ALTER ROLE "agent_builder" LOGIN INHERIT NOCREATEROLE PASSWORD 'SCRAM-SHA-256$x'`,
      'GRANT CONNECT ON DATABASE "mcp" TO "agent_builder"',
      'GRANT "artifacts_owner" TO "agent_builder"', 'GRANT "code_index_reader" TO "agent_builder"', 'GRANT "effects_writer" TO "agent_builder"',
      `ALTER ROLE "agent_builder" SET role = 'artifacts_owner'`,
    ]);
  });

  it("takes away what the grant leaves out", () => {
    const statements = loginStatements(OLD, { reads: ["code_index"], groups: [] }, "v", "mcp");
    assert.ok(statements.includes('REVOKE "artifacts_owner" FROM "agent_builder"'));
    assert.ok(statements.includes('ALTER ROLE "agent_builder" RESET role'));
    assert.ok(!statements.some((statement) => statement.includes("code_index_reader")));
    assert.equal(narrows(OLD, { reads: ["code_index"], groups: [] }), true);
    assert.equal(narrows(OLD, { owns: "artifacts", reads: ["code_index", "more"], groups: [] }), false);
  });

  it("locks a login that the grant no longer names", () => {
    assert.equal(lockStatements(OLD, "mcp")[0], 'ALTER ROLE "agent_builder" NOLOGIN PASSWORD NULL');
    assert.equal(narrows(OLD, undefined), true);
    assert.deepEqual(lockStatements(NEW, "mcp"), []);
  });

  it("refuses schemas that are PostgreSQL's own or not a name", () => {
    for (const schema of ["pg_catalog", "public", "information_schema", "A", "a-b", "a; DROP", ""]) {
      assert.throws(() => checkSchema(schema), { name: "UserFault" }, schema);
    }
    assert.equal(checkSchema("code_index"), "code_index");
  });
});
