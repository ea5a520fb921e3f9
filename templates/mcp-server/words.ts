/** Words of a text, in lower case and in order; letters and digits of any script, with apostrophes inside. */
export function wordsOf(text: string): string[] {
  return (text.match(/[\p{L}\p{N}]+(?:['\u2019][\p{L}\p{N}]+)*/gu) ?? []).map((word) => word.toLowerCase());
}
