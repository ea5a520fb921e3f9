/** Tags of universal-ctags → symbols with a scope and an end, without the parser's known slips. */

/** A `tag` line of ctags' JSON output. */
export interface CtagsTag {
  name: string;
  line: number;
  kind: string;
  scope?: string;
  scopeKind?: string;
  end?: number;
}

export interface CodeSymbol {
  name: string;
  kind: string;
  /** From 1. */
  line: number;
  /** Last line of the definition; null where it cannot be told. */
  endLine: number | null;
  /** Name of the enclosing symbol, as in `Pool.Quote`; null at top level. */
  scope: string | null;
  /** The line that declares it, trimmed, at most 200 characters. */
  signature: string;
}

const LOCAL_KINDS = new Set(["constant", "variable", "local", "parameter", "property"]);
/** What a file imports is declared elsewhere. */
const IMPORT_KINDS = new Set(["packageName"]);
const FUNCTION_SCOPES = new Set(["function", "method", "func", "generator", "getter", "setter"]);
/** A function in a constant's clothes: `const f = async (x) => …`, `const f = function …`. */
const FUNCTION_VALUE = /=\s*(async\s+)?(function\b|(<[^>=]*>\s*)?(\([^)]*\)?|[\w$]+)[^=]*=>)/;

/** Sorted by line. What is declared inside a function is left out: nobody searches for a loop variable. */
export function symbolsOf(tags: readonly CtagsTag[], lines: readonly string[], language: string): CodeSymbol[] {
  const script = language === "TypeScript" || language === "JavaScript";
  const found = tags
    .filter((tag) => tag.name !== "" && !tag.name.startsWith("__anon") && tag.line >= 1 && tag.line <= lines.length)
    .filter((tag) => !(LOCAL_KINDS.has(tag.kind) && FUNCTION_SCOPES.has(tag.scopeKind ?? "")))
    .filter((tag) => !IMPORT_KINDS.has(tag.kind))
    .filter((tag) => !(script && isSlip(tag, lines[tag.line - 1]!)))
    .map((tag): CodeSymbol => {
      const declaration = lines[tag.line - 1]!;
      return {
        name: tag.name,
        kind: script && LOCAL_KINDS.has(tag.kind) && FUNCTION_VALUE.test(declaration) ? "function" : tag.kind,
        line: tag.line,
        endLine: tag.end !== undefined && tag.end >= tag.line ? tag.end : language === "Markdown" ? null : endByIndent(lines, tag.line),
        scope: tag.scope ?? null,
        signature: declaration.trim().slice(0, 200),
      };
    })
    .sort((a, b) => a.line - b.line);
  // Parsers made of regular expressions (Solidity's) know no scopes.
  return language === "Solidity" ? found.map((symbol) => ({ ...symbol, scope: enclosing(symbol, found) })) : found;
}

/**
 * ctags 5.9 takes what follows `as const` for declarations (`} as const satisfies Record<…>`), and a type that is
 * imported for an alias declared here.
 */
function isSlip(tag: CtagsTag, declaration: string): boolean {
  if (tag.kind === "constant") {
    const assertion = declaration.search(/\bas const\b/);
    return assertion >= 0 && declaration.lastIndexOf(tag.name) > assertion;
  }
  return tag.kind === "alias" && !new RegExp(`\\btype\\s+${tag.name.replaceAll("$", "\\$")}\\s*([=<]|$)`).test(declaration);
}

/**
 * Last line of a definition in code that is indented as usual: the closing bracket at the definition's own depth, or
 * the last line before something else begins there.
 */
export function endByIndent(lines: readonly string[], line: number): number {
  const depth = indent(lines[line - 1]!);
  let last = line;
  for (let next = line + 1; next <= lines.length; next++) {
    const text = lines[next - 1]!;
    if (text.trim() === "") continue;
    if (indent(text) > depth) last = next;
    else if (indent(text) === depth && /^\s*[})\]]/.test(text)) {
      last = next;
      // `): Promise<void> {` closes the parameters and opens the body.
      if (!/[{([]\s*$/.test(text)) return last;
    } else return last;
  }
  return last;
}

const indent = (text: string): number => text.length - text.trimStart().length;

function enclosing(inner: CodeSymbol, all: readonly CodeSymbol[]): string | null {
  const around = all.filter((outer) => outer.line < inner.line && (outer.endLine ?? 0) >= (inner.endLine ?? inner.line));
  return around.length === 0 ? null : around.map((outer) => outer.name).join(".");
}
