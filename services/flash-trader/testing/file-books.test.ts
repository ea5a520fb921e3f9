import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { booksKeepTheirPromises } from "./books-conformance.ts";
import { FileBooks } from "./file-books.ts";

describe("the books of the tests", () => {
  const folder = mkdtempSync(join(tmpdir(), "books-"));
  after(() => rmSync(folder, { recursive: true }));
  let count = 0;
  booksKeepTheirPromises(async () => new FileBooks(join(folder, String(++count))));
});
