/** JSON as Go's encoder writes it, and so `json.encode`: nothing in it means anything to a browser. */
export function htmlSafe(json: string): string {
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A well-formed text as one segment of a URL's path, as Go escapes it, and so `http.pathEscape`. */
export function pathSegment(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%(?:24|26|2B|3A|3D|40)/g, decodeURIComponent);
}
