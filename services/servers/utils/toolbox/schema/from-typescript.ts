/** TypeScript type declarations → JSON Schema, for the types that describe JSON: a small recursive-descent parser. */
import { UserFault } from "../../../../kit/errors.ts";
import type { JsonSchema } from "./json-schema.ts";

interface Token { kind: "word" | "string" | "number" | "mark"; text: string; at: number; doc?: string }

function tokens(source: string): Token[] {
  const pattern = /\/\*([\s\S]*?)\*\/|\/\/[^\n]*|\s+|([A-Za-z_$][\w$]*)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(-?\d+(?:\.\d+)?)|(\.\.\.|=>|[{}[\]()<>:;,?|&=])/gy;
  const found: Token[] = [];
  let doc: string | undefined;
  while (pattern.lastIndex < source.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(source);
    if (!match) throw fault(source, at, `"${source[at]}" is not understood here`);
    const [, comment, word, string, number, mark] = match;
    if (comment?.startsWith("*")) doc = comment.slice(1).replace(/^\s*\* ?/gm, "").replace(/\s+/g, " ").trim();
    const kind = word !== undefined ? "word" : string !== undefined ? "string" : number !== undefined ? "number" : mark !== undefined ? "mark" : null;
    if (!kind) continue;
    found.push({ kind, text: match[0], at, ...(doc ? { doc } : {}) });
    doc = undefined;
  }
  return found;
}

function fault(source: string, at: number, problem: string): UserFault {
  const line = source.slice(0, at).split("\n").length;
  return new UserFault(`Line ${line}: ${problem}. Only types that describe JSON convert: interfaces, type aliases, literals, unions, arrays, tuples and Record.`);
}

const WORDS: Record<string, JsonSchema> = {
  string: { type: "string" }, number: { type: "number" }, boolean: { type: "boolean" }, null: { type: "null" },
  unknown: {}, any: {}, object: { type: "object" }, true: { const: true }, false: { const: false }, never: { enum: [] },
};

class Parser {
  readonly #source: string;
  readonly #tokens: Token[];
  #next = 0;
  readonly refs: { name: string; at: number }[] = [];

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokens(source);
  }

  get done(): boolean { return this.#next >= this.#tokens.length; }
  get #token(): Token | undefined { return this.#tokens[this.#next]; }
  fail(problem: string, at = this.#token?.at ?? this.#source.length): never { throw fault(this.#source, at, problem); }
  #is(text: string): boolean { return this.#token?.text === text && this.#token.kind !== "string"; }
  #take(text: string): boolean { return this.#is(text) && ++this.#next > 0; }
  #expect(text: string): void { if (!this.#take(text)) this.fail(`expected "${text}"${this.#token ? `, found "${this.#token.text}"` : " before the end"}`); }
  #word(): Token {
    const token = this.#token;
    if (token?.kind !== "word") return this.fail("expected a name");
    this.#next++;
    return token;
  }

  declaration(): { name: string; schema: JsonSchema } {
    const doc = this.#token?.doc;
    while (this.#take("export") || this.#take("declare") || this.#take(";"));
    if (this.#take("interface")) {
      const name = this.#word().text;
      if (this.#is("extends") || this.#is("<")) this.fail("extends and type parameters are not supported: write the members out");
      return { name, schema: describe(this.#object(), doc) };
    }
    this.#expect("type");
    const name = this.#word().text;
    if (this.#is("<")) this.fail("type parameters are not supported: write the type out");
    this.#expect("=");
    const schema = describe(this.type(), doc);
    while (this.#take(";"));
    return { name, schema };
  }

  type(): JsonSchema {
    this.#take("|");
    const members = [this.#intersection()];
    while (this.#take("|")) members.push(this.#intersection());
    const present = members.filter((member) => !isUndefined(member));
    if (present.length === 0) this.fail("undefined alone is no JSON value: make the property optional");
    return present.length === 1 ? present[0]! : unionOf(present);
  }

  #intersection(): JsonSchema {
    const members = [this.#postfix()];
    while (this.#take("&")) members.push(this.#postfix());
    return members.length === 1 ? members[0]! : { allOf: members };
  }

  #postfix(): JsonSchema {
    this.#take("readonly");
    let schema = this.#primary();
    while (this.#is("[")) {
      this.#next++;
      this.#expect("]");
      schema = { type: "array", items: schema };
    }
    return schema;
  }

  #primary(): JsonSchema {
    const token = this.#token;
    if (!token) return this.fail("expected a type");
    if (token.kind === "string") { this.#next++; return { const: unquote(token.text) }; }
    if (token.kind === "number") { this.#next++; return { const: Number(token.text) }; }
    if (this.#is("{")) return this.#object();
    if (this.#take("(")) { const inner = this.type(); this.#expect(")"); return inner; }
    if (this.#take("[")) return this.#tuple();
    if (token.kind !== "word") return this.fail(`"${token.text}" starts no type`);
    this.#next++;
    if (token.text === "undefined") return UNDEFINED;
    if (Object.hasOwn(WORDS, token.text)) return structuredClone(WORDS[token.text]!);
    if (token.text === "Date" || token.text === "bigint") return this.fail(`${token.text} is not a JSON value: use string and say its format in a comment`, token.at);
    if (this.#take("<")) return this.#generic(token);
    this.refs.push({ name: token.text, at: token.at });
    return { $ref: `#/$defs/${token.text}` };
  }

  #generic(token: Token): JsonSchema {
    const first = this.type();
    const second = this.#take(",") ? this.type() : null;
    this.#expect(">");
    if ((token.text === "Array" || token.text === "ReadonlyArray") && !second) return { type: "array", items: first };
    if (token.text === "Record" && second) return { type: "object", additionalProperties: second };
    return this.fail(`${token.text}<…> is not supported: use Array, ReadonlyArray or Record, or write the type out`, token.at);
  }

  #tuple(): JsonSchema {
    const prefixItems: JsonSchema[] = [];
    let rest: JsonSchema | false = false;
    while (!this.#is("]")) {
      if (this.#take("...")) {
        const spread = this.type();
        rest = spread.items || this.fail("a spread in a tuple wants an array type");
      } else prefixItems.push(this.type());
      if (!this.#take(",")) break;
    }
    this.#expect("]");
    return { type: "array", prefixItems, items: rest, minItems: prefixItems.length };
  }

  #object(): JsonSchema {
    this.#expect("{");
    const properties: Record<string, JsonSchema> = {};
    const required: string[] = [];
    let extra: JsonSchema | null = null;
    while (!this.#take("}")) {
      const doc = this.#token?.doc;
      if (this.#take("[")) {
        this.#word();
        this.#expect(":");
        this.#expect("string");
        this.#expect("]");
        this.#expect(":");
        extra = this.type();
      } else {
        if (this.#is("readonly") && ![":", "?"].includes(this.#tokens[this.#next + 1]?.text ?? "")) this.#next++;
        const key = this.#token;
        if (key?.kind !== "word" && key?.kind !== "string") return this.fail("expected a property name");
        this.#next++;
        const name = key.kind === "string" ? unquote(key.text) : key.text;
        const optional = this.#take("?");
        if (this.#is("(")) this.fail(`${name} is a method, and JSON has none`);
        this.#expect(":");
        Object.defineProperty(properties, name, { value: describe(this.type(), doc), enumerable: true, configurable: true, writable: true });
        if (!optional) required.push(name);
      }
      if (!this.#take(";")) this.#take(",");
    }
    const named = Object.keys(properties).length > 0;
    return { type: "object", ...(named ? { properties, required } : {}), ...(extra ? { additionalProperties: extra } : named ? { additionalProperties: false } : {}) };
  }
}

const UNDEFINED: JsonSchema = Object.freeze({});
const isUndefined = (schema: JsonSchema): boolean => schema === UNDEFINED;

const unquote = (text: string): string =>
  JSON.parse(text.startsWith("'") ? `"${text.slice(1, -1).replaceAll("\\'", "'").replaceAll('"', '\\"')}"` : text) as string;

const describe = (schema: JsonSchema, doc: string | undefined): JsonSchema => (doc ? { ...schema, description: doc } : schema);

/** Literals join to an enum, plain types to a type list; anything else is anyOf. */
function unionOf(members: JsonSchema[]): JsonSchema {
  if (members.every((member) => Object.keys(member).length === 1 && member.const !== undefined)) return { enum: members.map((member) => member.const) };
  if (members.every((member) => Object.keys(member).length === 1 && typeof member.type === "string")) return { type: [...new Set(members.map((member) => member.type as string))] };
  return { anyOf: members };
}

/** The last declaration becomes the schema's root, those before it `$defs`; a bare type without a declaration also works. @throws {UserFault} with the line */
export function fromTypeScript(source: string): JsonSchema {
  const parser = new Parser(source);
  if (parser.done) throw new UserFault("The source is empty: give a TypeScript type or interface.");
  if (!/^\s*(?:\/\*[\s\S]*?\*\/\s*|\/\/[^\n]*\n\s*)*(?:export\b|declare\b|interface\b|type\b)/.test(source)) {
    const bare = parser.type();
    if (!parser.done) parser.fail("something follows the type");
    if (parser.refs[0]) parser.fail(`${parser.refs[0].name} is declared nowhere`, parser.refs[0].at);
    return bare;
  }
  const declared = new Map<string, JsonSchema>();
  let last = "";
  while (!parser.done) {
    const { name, schema } = parser.declaration();
    if (declared.has(name)) parser.fail(`${name} is declared twice`);
    declared.set(name, schema);
    last = name;
  }
  const missing = parser.refs.find((ref) => !declared.has(ref.name));
  if (missing) parser.fail(`${missing.name} is declared nowhere`, missing.at);
  const recursive = parser.refs.some((ref) => ref.name === last);
  const others = Object.fromEntries([...declared].filter(([name]) => recursive || name !== last));
  const root = recursive ? { $ref: `#/$defs/${last}` } : declared.get(last)!;
  return Object.keys(others).length ? { ...root, $defs: others } : root;
}
