import assert from "node:assert/strict";
import { Parameters } from "./parameters.ts";
import { identifiers, parseQuery, queryExpression } from "./query-syntax.ts";

const briefly = (text: string, any = false) =>
  parseQuery(text, any).map((group) => group.map(({ text: word, phrase, excluded }) => `${excluded ? "-" : ""}${phrase ? `"${word}"` : word}`).join(" "));

describe("parseQuery", () => {
  it("reads phrases, exclusions and alternatives", () => {
    assert.deepEqual(briefly('loan "flash fee" -test OR pool*'), ['loan "flash fee" -test', "pool*"]);
    assert.deepEqual(briefly('loan -"flash fee" "open end'), ['loan -"flash fee" "open end"']);
  });
  it("takes code for words, not for exclusions", () => {
    assert.deepEqual(briefly("a -> b --flag -32601 => or"), ["a b --flag -32601 or"]);
  });
  it("makes every word an alternative for any, each without what is excluded", () => {
    assert.deepEqual(briefly("loan fee -test", true), ["loan -test", "fee -test"]);
  });
  it("refuses a query without anything to look for", () => {
    assert.throws(() => parseQuery("=> {}"), /no word in it/);
    assert.throws(() => parseQuery("-test"), /add a word to look for/);
    assert.throws(() => parseQuery("loan OR -test"), /each alternative/);
  });
});

describe("identifiers", () => {
  it("folds as the index does, and leaves out what is excluded", () => {
    assert.deepEqual(identifiers(parseQuery("quote_loanFee(pool) quoteLoanFee -Test pre*")), ["quoteloanfee", "pool", "pre"]);
  });
});

describe("queryExpression", () => {
  it("hands every word over as a value", () => {
    const parameters = new Parameters();
    const sql = queryExpression(parseQuery("x');drop -y OR z"), parameters);
    assert.deepEqual(parameters.values, ["x');drop", "y", "z"]);
    assert.ok(!sql.includes("drop"));
    assert.match(sql, /^\(.*\$1.* && !!.*\$2.*\) \|\| \(.*\$3.*\)$/);
  });
});
