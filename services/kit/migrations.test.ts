import assert from "node:assert/strict";
import { checksum, pendingMigrations, readMigrations, type Migration } from "./migrations.ts";

const file = (number: number, sql = `select ${number}`): Migration => ({ number, name: `${String(number).padStart(3, "0")}-step.sql`, sql });
const applied = (migration: Migration) => ({ number: migration.number, name: migration.name, checksum: checksum(migration.sql) });

describe("migrations", () => {
  it("run in the order of their numbers, and only once", () => {
    const files = [file(3), file(1), file(2)];
    assert.deepEqual(pendingMigrations(files, []).map(({ number }) => number), [1, 2, 3]);
    assert.deepEqual(pendingMigrations(files, [applied(file(1))]).map(({ number }) => number), [2, 3]);
    assert.deepEqual(pendingMigrations(files, files.map(applied)), []);
  });

  it("are refused when one was changed after it was applied", () => {
    assert.throws(() => pendingMigrations([file(1, "select 2")], [applied(file(1))]), /001-step\.sql was changed after it was applied/);
  });

  it("are refused when two have one number or a number is left out", () => {
    assert.throws(() => pendingMigrations([file(1), file(1)], []), /expected number 2/);
    assert.throws(() => pendingMigrations([file(1), file(3)], []), /expected number 2/);
  });

  it("are refused when the database is ahead of the program", () => {
    assert.throws(() => pendingMigrations([file(1)], [applied(file(1)), applied(file(2))]), /002-step\.sql, which this version does not know/);
  });

  it("of the hub are numbered without a gap", async () => {
    const files = await readMigrations(new URL("../hub/migrations/", import.meta.url));
    assert.ok(files.length >= 2);
    assert.equal(pendingMigrations(files, []).length, files.length);
  });
});
