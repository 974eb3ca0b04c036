import { Dictionary, type FlatColumn, PlainBuilder } from "@tocsin/data/column";
import type { Validity } from "@tocsin/data/column";

/** Strings after which it shows whether they repeat. */
const sampleSize = 1024;

/** A string column: coded if strings repeat, otherwise plain. */
export function textColumn(texts: readonly (string | null)[]): FlatColumn {
  const codes = new Uint32Array(texts.length);
  const dictionary = new Dictionary();
  const known = new Map<string, number>();
  // Neighbours are often equal, and comparing them is cheaper than looking them up.
  let before: string | null = null;
  let code = 0;
  for (let row = 0; row < texts.length; row++) {
    const text = texts[row];
    if (text === null) continue;
    if (text !== before) {
      code = known.get(text) ?? -1;
      if (code < 0) {
        known.set(text, (code = dictionary.code(text)));
        if (row >= sampleSize && known.size * 2 > row) return plainColumn(texts);
      }
      before = text;
    }
    codes[row] = code;
  }
  return { kind: "string", form: "coded", codes, dictionary, valid: validityOf(texts) };
}

function plainColumn(texts: readonly (string | null)[]): FlatColumn {
  const builder = new PlainBuilder(texts.length);
  for (const text of texts) builder.append(text);
  return builder.finish();
}

function validityOf(texts: readonly (string | null)[]): Validity {
  if (!texts.includes(null)) return undefined;
  const valid = new Uint8Array((texts.length + 7) >> 3);
  for (let row = 0; row < texts.length; row++) {
    if (texts[row] !== null) valid[row >> 3] |= 1 << (row & 7);
  }
  return valid;
}
