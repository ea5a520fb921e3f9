/** Words in a definition that speak to a model instead of describing a tool. Pure; a pattern finds what is usual, never all. */

export interface Suspicion {
  severity: "error" | "warning";
  /** What it tries, for a person. */
  tries: string;
  /** The words found, as they were written but for what cannot be seen. */
  words: string;
}

/** Against text in lower case, with single spaces and without invisible characters. */
const PATTERNS: readonly [Suspicion["severity"], string, RegExp][] = [
  ["error", "to overrule other instructions",
    /\b(?:ignore|disregard|forget|override)(?: (?:all|any|every|the|your|my|of))* (?:previous|prior|above|earlier|preceding|system|other|existing|safety) (?:instructions?|prompts?|rules?|messages?|guidelines?|directions?)/],
  ["error", "to keep something from the user",
    /\b(?:do not|don't|never|without) (?:tell|inform|mention|reveal|show|notify|ask|alert)(?:ing)?(?: (?:this|it|that|anything|about|to|the))* (?:user|human|person)\b/],
  ["error", "to look like a message of the system", /<\/?(?:important|system|instructions?|secret|hidden|assistant|admin)>|\[\/?inst\]|<\|im_(?:start|end)\|>/],
  ["error", "to hide text", /<!--/],
  ["error", "to change what the model is", /\byou are now (?:an?|the|in)\b|\bact as (?:root|the system|an? (?:admin\w*|system|developer|unrestricted))\b/],
  ["error", "to make the model give away what it was told", /\b(?:reveal|print|repeat|output|include|send|append|leak)(?: (?:all|of|me|us))* (?:your|the) (?:system prompt|hidden instructions?|initial instructions?)/],
  ["error", "to reach files that hold credentials", /~\/\.(?:ssh|aws|kube|gnupg|netrc|cursor|config|env)\b|\bid_(?:rsa|ed25519)\b|\/etc\/(?:passwd|shadow)\b/],
  ["warning", "to be given what belongs to the user", /\b(?:send|include|pass|attach|forward|upload|copy|put)\b[^.]{0,60}\b(?:conversation|chat history|api keys?|private keys?|passwords?|seed phrase|mnemonic)\b/],
  ["warning", "to be called whatever is asked", /\b(?:always|must(?: always| first)?|first) (?:call|use|run|invoke|execute) (?:this|the) tool\b|\bbefore (?:using|calling|running|invoking) (?:any|every|all|each)(?: of the)?(?: other)? tools?\b/],
  ["warning", "to keep the model from other tools", /\b(?:instead of|rather than)(?: any| all| the)* other tools?\b|\b(?:do not|don't|never) (?:use|call|trust)(?: any| the)* other (?:tools?|servers?)\b/],
];

/** Characters that a person does not see and a model reads: zero width, direction, tags. */
const INVISIBLE = /[\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** What in the text speaks to a model; most severe first. */
export function instructionsIn(text: string): Suspicion[] {
  const hidden = [...new Set(text.match(INVISIBLE) ?? [])].map((character) => `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`);
  const plain = text.replaceAll(INVISIBLE, "").normalize("NFKC").replaceAll(/[’‘]/g, "'").replaceAll(/\s+/g, " ").toLowerCase();
  const found = PATTERNS.flatMap(([severity, tries, pattern]): Suspicion[] => {
    const words = pattern.exec(plain)?.[0];
    return words === undefined ? [] : [{ severity, tries, words }];
  });
  return hidden.length === 0 ? found : [{ severity: "error", tries: "to hide characters", words: hidden.join(", ") }, ...found];
}
