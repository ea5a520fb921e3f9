import assert from "node:assert/strict";
import fc from "fast-check";
import { membersOf, withMembers } from "./json-members.ts";

describe("members of a JSON text", () => {
  it("exchanges one value and leaves every other byte alone", () => {
    const text = ' { "name" : "a.b" , "n":12345678901234567890.0,"x":{"name":"}\\""},"e":[ ] } ';
    const members = membersOf(text)!;
    assert.equal(withMembers(text, members, { name: '"b"' }), '{ "name" : "b" , "n":12345678901234567890.0,"x":{"name":"}\\""},"e":[ ] }');
  });

  it("adds what is not there, to an empty object too", () => {
    assert.equal(withMembers("{}", membersOf("{}")!, { a: "1", b: "2" }), '{"a":1,"b":2}');
    assert.equal(withMembers('{"c":0}', membersOf('{"c":0}')!, { a: "1", c: "3" }), '{"c":3,"a":1}');
  });

  it("finds a key that occurs twice, however it is written", () => {
    assert.equal(membersOf('{"name":"read","n\\u0061me":"write"}')!.duplicate, "name");
    assert.equal(membersOf('{"name":"read","x":{"name":1}}')!.duplicate, null);
  });

  it("knows an object from everything else", () => {
    for (const text of ["[]", "1", '"{}"', "null"]) assert.equal(membersOf(text), null);
  });

  it("reads any object as JSON.parse does", () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 1, "\t"), (object, indent) => {
      const text = JSON.stringify(object, null, indent);
      const { values, duplicate, span } = membersOf(text)!;
      assert.deepEqual(span, [0, text.length]);
      assert.equal(duplicate, null);
      assert.deepEqual(Object.fromEntries([...values].map(([key, [from, to]]) => [key, JSON.parse(text.slice(from, to))])), JSON.parse(text));
    }));
  });
});
