/** Which URIs a URI template (RFC 6570) may stand for, as far as routing needs it. Pure, and linear whatever a server offers. */

/** Literal pieces of the template must occur in order, with something between them; the server itself looks closer. */
export function matchesTemplate(template: string, uri: string): boolean {
  const pieces = template.split(/\{[^{}]*\}/);
  const expressions = template.match(/\{[^{}]*\}/g) ?? [];
  if (pieces.length === 1) return template === uri;
  if (!uri.startsWith(pieces[0]!)) return false;
  let at = pieces[0]!.length;
  for (let n = 1; n < pieces.length; n++) {
    const piece = pieces[n]!;
    // A query or fragment may be absent as a whole.
    const least = /^\{[?&#]/.test(expressions[n - 1]!) ? 0 : 1;
    const last = n === pieces.length - 1;
    const found = last ? uri.length - piece.length : uri.indexOf(piece, at + least);
    if (found < at + least || (last && !uri.endsWith(piece))) return false;
    at = found + piece.length;
  }
  return true;
}
