/** Classes of ASCII characters, by code. */
const blank = 1;
const newline = 2;
const nameStart = 3;
const digit = 4;
const plain = 5;
const suspicious = 6;

const classes = asciiClasses();

function asciiClasses(): Uint8Array {
  const table = new Uint8Array(128).fill(plain);
  table.fill(suspicious, 0, 32);
  for (const code of [9, 11, 12, 13, 32]) table[code] = blank;
  table[10] = newline;
  for (let code = 65; code <= 90; code += 1) {
    table[code] = nameStart;
    table[code + 32] = nameStart;
  }
  table[95] = nameStart;
  for (let code = 48; code <= 57; code += 1) table[code] = digit;
  for (const character of "!#$&'/;@\\`|~\x7f") table[character.charCodeAt(0)] = suspicious;
  return table;
}

/** What the scanner does at a character while it looks for the next token. */
export function blankness(code: number): "blank" | "newline" | "token" | "look" {
  if (code >= 128) return "look";
  switch (classes[code]) {
    case blank:
      return "blank";
    case newline:
      return "newline";
    case suspicious:
      return "look";
    default:
      return "token";
  }
}

/** `0` to `9`; false beyond the end of the text (NaN). */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** A letter of any script, or `_`. */
export function isNameStart(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 128) return classes[code] === nameStart;
  return /^\p{Alphabetic}/u.test(characterAt(text, at));
}

/** Where the letters, digits and underscores that begin at `at` end. */
export function skipName(text: string, at: number): number {
  let end = at;
  for (;;) {
    const code = text.charCodeAt(end);
    if (code < 128) {
      const kind = classes[code];
      if (kind !== nameStart && kind !== digit) return end;
      end += 1;
    } else {
      if (end >= text.length || !isNameStart(text, end)) return end;
      end += characterAt(text, end).length;
    }
  }
}

/** The whole character at an offset: one or two UTF-16 units. */
export function characterAt(text: string, at: number): string {
  return String.fromCodePoint(text.codePointAt(at) ?? 0);
}

/** `0` to `9`, `a` to `f`, `A` to `F`. */
export function isHexDigit(code: number): boolean {
  return isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);
}
