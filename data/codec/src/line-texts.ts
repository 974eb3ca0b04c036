import { unescapedBytes } from "./line-series.ts";
import type { LineBlock } from "./parsed-line.ts";

/** The block with its texts as UTF-8: bytes that are none are replaced, as in lines that are read one by one. */
export function withCleanTexts(block: LineBlock): LineBlock {
  const values = block.values.slice();
  const texts: Uint8Array[] = [];
  let [from, end] = [0, 0];
  for (let row = 0; row < block.rows; row++) {
    if (block.columns[block.codes[row]].kind !== "string") continue;
    const to = Number(values[row]);
    const text = unescapedBytes(block.texts, from, to, []);
    texts.push(text);
    from = to;
    end += text.length;
    values[row] = BigInt(end);
  }
  const all = new Uint8Array(end);
  let at = 0;
  for (const text of texts) {
    all.set(text, at);
    at += text.length;
  }
  return { ...block, values, texts: all };
}
