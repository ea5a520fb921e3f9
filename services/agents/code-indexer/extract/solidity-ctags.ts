/** universal-ctags has no Solidity parser: one made of its regular expressions. */

const NAME = "([A-Za-z_$][A-Za-z0-9_$]*)";
const START = "^[ \\t]*";

const rule = (kind: string, before: string, group: number, flags = "") =>
  `--regex-Solidity=/${START}${before}${NAME}/\\${group}/${kind}/${flags}`;

export const SOLIDITY_OPTIONS: readonly string[] = [
  "--langdef=Solidity",
  "--map-Solidity=+.sol",
  "--kinddef-Solidity=c,contract,contracts",
  "--kinddef-Solidity=i,interface,interfaces",
  "--kinddef-Solidity=l,library,libraries",
  "--kinddef-Solidity=f,function,functions",
  "--kinddef-Solidity=m,modifier,modifiers",
  "--kinddef-Solidity=e,event,events",
  "--kinddef-Solidity=r,error,errors",
  "--kinddef-Solidity=s,struct,structs",
  "--kinddef-Solidity=g,enum,enums",
  "--kinddef-Solidity=t,type,value types",
  rule("c", "(abstract[ \\t]+)?contract[ \\t]+", 2),
  rule("i", "interface[ \\t]+", 1),
  rule("l", "library[ \\t]+", 1),
  rule("f", "function[ \\t]+", 1),
  rule("m", "modifier[ \\t]+", 1),
  rule("e", "event[ \\t]+", 1),
  rule("r", "error[ \\t]+", 1),
  rule("s", "struct[ \\t]+", 1),
  rule("g", "enum[ \\t]+", 1),
  rule("t", "type[ \\t]+", 1),
  `--regex-Solidity=/${START}(constructor|receive|fallback)[ \\t]*\\(/\\1/f/`,
];
