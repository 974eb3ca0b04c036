import type { FieldKind, LineSeries } from "./line-point.ts";
import { kindNumbers } from "./line-kernel-plan.ts";
import type { ParsedLine } from "./parsed-line.ts";

/** The values that a key has in one series, of one type. */
export interface LineColumn {
  readonly series: LineSeries;
  readonly key: string;
  readonly kind: FieldKind;
}

/** Codes of the fields that the lines of a series had last: most lines of one have the same. */
interface Layout {
  readonly keyCodes: number[];
  readonly kinds: FieldKind[];
  readonly codes: number[];
}

/** More keys than a stream can have. */
const keysMax = 2 ** 26;

/** Numbers columns, from 0 in the order in which they come; differently written ones are different. */
export class LineCodes {
  readonly columns: LineColumn[] = [];
  readonly #layouts: (Layout | undefined)[] = [];
  readonly #codes = new Map<number, number>();

  /** Sets the codes of a line's fields. */
  assign(line: ParsedLine): void {
    const layout = (this.#layouts[line.seriesCode] ??= { keyCodes: [], kinds: [], codes: [] });
    for (let i = 0; i < line.count; i++) {
      if (layout.keyCodes[i] !== line.keyCodes[i] || layout.kinds[i] !== line.kinds[i]) {
        layout.keyCodes[i] = line.keyCodes[i];
        layout.kinds[i] = line.kinds[i];
        layout.codes[i] = this.#codeOf(line, i);
      }
      line.codes[i] = layout.codes[i];
    }
  }

  #codeOf({ series, seriesCode, keys, keyCodes, kinds }: ParsedLine, i: number): number {
    const place = (seriesCode * 5 + kindNumbers[kinds[i]]) * keysMax + keyCodes[i];
    let code = this.#codes.get(place);
    if (code === undefined) {
      code = this.columns.push({ series, key: keys[i], kind: kinds[i] }) - 1;
      this.#codes.set(place, code);
    }
    return code;
  }
}
