/** Type-checks and emits a set of files that exist in memory only; nothing but the compiler's own library files is read. */
import { posix } from "node:path";
import type TS from "typescript";
import type { Diagnostic } from "./solidity-output.ts";
import type { TypescriptOptions } from "./typescript-options.ts";

export interface TypescriptOutput {
  diagnostics: Diagnostic[];
  /** Path → text; empty when nothing was emitted. */
  emitted: Record<string, string>;
}

/** Folder that the files pretend to lie in. */
const ROOT = "/project";

/** @param ts the compiler's module, which only the child process loads */
export function compileTypescript(ts: typeof TS, files: Readonly<Record<string, string>>, options: TypescriptOptions): TypescriptOutput {
  const texts = new Map(Object.entries(files).map(([path, text]) => [posix.join(ROOT, path), text]));
  const compilerOptions = toCompilerOptions(ts, options);
  const host = memoryHost(ts, texts, compilerOptions);
  const program = ts.createProgram([...texts.keys()].filter((path) => /\.[cm]?tsx?$/.test(path)), compilerOptions, host);
  const emitted: Record<string, string> = {};
  const emit = program.emit(undefined, (path, text) => { emitted[posix.relative(ROOT, path)] = text; });
  const all = ts.sortAndDeduplicateDiagnostics([...ts.getPreEmitDiagnostics(program), ...emit.diagnostics]);
  return { diagnostics: all.map((diagnostic) => toDiagnostic(ts, diagnostic)), emitted };
}

function toCompilerOptions(ts: typeof TS, options: TypescriptOptions): TS.CompilerOptions {
  const json = {
    ...options,
    lib: options.lib ?? [options.target, "dom"],
    moduleResolution: options.module === "nodenext" ? "nodenext" : options.module === "commonjs" ? "node10" : "bundler",
    // Imports may say .ts, as Node wants it; what is emitted says .js.
    rewriteRelativeImportExtensions: true,
    types: [],
    skipLibCheck: true,
  };
  return ts.convertCompilerOptionsFromJson(json, ROOT).options;
}

function memoryHost(ts: typeof TS, texts: ReadonlyMap<string, string>, options: TS.CompilerOptions): TS.CompilerHost {
  const libraries = posix.dirname(ts.getDefaultLibFilePath(options));
  const folders = new Set([...texts.keys()].flatMap(parents));
  const readFile = (path: string): string | undefined =>
    texts.get(path) ?? (posix.dirname(path) === libraries ? ts.sys.readFile(path) : undefined);
  return {
    fileExists: (path) => readFile(path) !== undefined,
    readFile,
    directoryExists: (path) => folders.has(path),
    getDirectories: (path) => [...folders].filter((folder) => posix.dirname(folder) === path).map((folder) => posix.basename(folder)),
    getSourceFile(path, languageVersion) {
      const text = readFile(path);
      return text === undefined ? undefined : ts.createSourceFile(path, text, languageVersion);
    },
    getDefaultLibFileName: (of) => posix.join(libraries, ts.getDefaultLibFileName(of)),
    getDefaultLibLocation: () => libraries,
    getCurrentDirectory: () => ROOT,
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    // Emission is handed its own writer.
    writeFile: () => {},
  };
}

function parents(path: string): string[] {
  const folder = posix.dirname(path);
  return folder === path ? [] : [folder, ...parents(folder)];
}

function toDiagnostic(ts: typeof TS, { category, code, messageText, file, start }: TS.Diagnostic): Diagnostic {
  const place = file && start !== undefined ? file.getLineAndCharacterOfPosition(start) : null;
  return {
    severity: category === ts.DiagnosticCategory.Error ? "error" : category === ts.DiagnosticCategory.Warning ? "warning" : "info",
    code: `TS${code}`,
    message: ts.flattenDiagnosticMessageText(messageText, "\n"),
    file: file ? posix.relative(ROOT, file.fileName) : null,
    line: place ? place.line + 1 : null,
    column: place ? place.character + 1 : null,
  };
}
