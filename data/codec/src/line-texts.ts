import { utf8 } from "@tocsin/platform/host";
import { unescapedBytes } from "./line-series.ts";
import type { LineBlock } from "./parsed-line.ts";

/** The block with its texts as UTF-8: bytes that are none are replaced, as in lines that are read one by one. */
export function withCleanTexts(block: LineBlock): LineBlock {
  if (isClean(block)) return block;
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

/** Whether all texts are UTF-8: they are that together, and none begins within a character. */
function isClean({ rows, columns, codes, values, texts }: LineBlock): boolean {
  let end = 0;
  for (let row = 0; row < rows; row++) {
    if (columns[codes[row]].kind !== "string") continue;
    const from = end;
    end = Number(values[row]);
    if (from < end && texts[from] >> 6 === 0b10) return false;
  }
  const all = texts.subarray(0, end);
  const again = utf8.encode(utf8.decode(all));
  return again.length === end && again.every((byte, i) => byte === all[i]);
}
