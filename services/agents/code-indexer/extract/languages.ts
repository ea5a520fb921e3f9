/** Which language a file is in, told from its name alone. */

export interface Language {
  name: string;
  /** File name that makes universal-ctags choose the right parser; null where symbols would be noise. */
  ctagsFile: string | null;
}

const BY_EXTENSION: Record<string, [name: string, ctagsFile: string | null]> = {};

function define(name: string, ctagsFile: string | null, ...extensions: string[]): void {
  for (const extension of extensions) BY_EXTENSION[extension] = [name, ctagsFile];
}

define("TypeScript", "x.ts", "ts", "mts", "cts", "tsx");
define("JavaScript", "x.js", "js", "mjs", "cjs", "jsx");
define("Solidity", "x.sol", "sol");
define("Python", "x.py", "py", "pyi");
define("Go", "x.go", "go");
define("Rust", "x.rs", "rs");
define("Java", "x.java", "java");
define("Kotlin", "x.kt", "kt", "kts");
define("C", "x.c", "c", "h");
define("C++", "x.cpp", "cc", "cpp", "cxx", "hh", "hpp", "hxx");
define("C#", "x.cs", "cs");
define("Ruby", "x.rb", "rb");
define("PHP", "x.php", "php");
define("Lua", "x.lua", "lua");
define("Perl", "x.pl", "pl", "pm");
define("Haskell", "x.hs", "hs");
define("OCaml", "x.ml", "ml", "mli");
define("Elixir", "x.ex", "ex", "exs");
define("Erlang", "x.erl", "erl");
define("Shell", "x.sh", "sh", "bash");
define("SQL", "x.sql", "sql");
define("Protobuf", "x.proto", "proto");
define("CMake", "x.cmake", "cmake");
define("Markdown", "x.md", "md", "markdown");
define("Vyper", null, "vy");
define("Swift", null, "swift");
define("Scala", null, "scala");
define("JSON", null, "json", "jsonc");
define("YAML", null, "yaml", "yml");
define("TOML", null, "toml");
define("XML", null, "xml", "svg");
define("HTML", null, "html", "htm");
define("CSS", null, "css", "scss");

const BY_NAME: Record<string, [name: string, ctagsFile: string | null]> = {
  Dockerfile: ["Dockerfile", null],
  Makefile: ["Makefile", "Makefile"],
  "CMakeLists.txt": ["CMake", "x.cmake"],
};

/** @param path with `/`; a name without a known extension is `Text` */
export function languageOf(path: string): Language {
  const file = path.slice(path.lastIndexOf("/") + 1);
  const byName = Object.hasOwn(BY_NAME, file) ? BY_NAME[file] : undefined;
  const extension = file.includes(".") ? file.slice(file.lastIndexOf(".") + 1).toLowerCase() : "";
  const known = byName ?? (Object.hasOwn(BY_EXTENSION, extension) ? BY_EXTENSION[extension] : undefined);
  return { name: known?.[0] ?? "Text", ctagsFile: known?.[1] ?? null };
}
