import { kindNumbers } from "./line-kernel-plan.ts";
import type { FieldKind, LineSeries } from "./line-point.ts";
import type { ParsedLine } from "./parsed-line.ts";

/** The values that a key has in one series, of one type. */
export interface LineColumn {
  readonly series: LineSeries;
  readonly key: string;
  readonly kind: FieldKind;
}

/** The columns of a series form a ring, of which this many are looked at; later ones are found by a map. */
const ringMax = 32;
/** More keys than a stream can have. */
const keysMax = 2 ** 26;

/** Numbers columns, from 0 in the order in which they come; differently written ones are different. */
export class LineCodes {
  readonly columns: LineColumn[] = [];
  /** Of each column the one behind it, and its key. */
  readonly #next: number[] = [];
  readonly #keyCodes: number[] = [];
  /** Of each series its first and last column, and how many there are. */
  readonly #first: number[] = [];
  readonly #last: number[] = [];
  readonly #count: number[] = [];
  readonly #later = new Map<number, number>();

  /** Sets the codes of a line's fields. Most lines of a series have the same ones in the same order. */
  assign(line: ParsedLine): void {
    const { seriesCode } = line;
    while (this.#count.length <= seriesCode) {
      this.#count.push(0);
      this.#first.push(-1);
      this.#last.push(-1);
    }
    let expected = this.#first[seriesCode];
    for (let i = 0; i < line.count; i++) {
      const found = this.#is(expected, line, i) ? expected : this.#find(line, i);
      const code = found ?? this.#add(line, i);
      line.codes[i] = code;
      expected = this.#next[code];
    }
  }

  #is(code: number, { keyCodes, kinds }: ParsedLine, i: number): boolean {
    return (
      code >= 0 && this.#keyCodes[code] === keyCodes[i] && this.columns[code].kind === kinds[i]
    );
  }
  #find(line: ParsedLine, i: number): number | undefined {
    const { seriesCode } = line;
    const count = this.#count[seriesCode];
    let code = this.#first[seriesCode];
    for (let tried = Math.min(count, ringMax); tried > 0; tried--, code = this.#next[code])
      if (this.#is(code, line, i)) return code;
    return count > ringMax ? this.#later.get(placeOf(line, i)) : undefined;
  }
  #add(line: ParsedLine, i: number): number {
    const { series, seriesCode, keys, keyCodes, kinds } = line;
    const code = this.columns.push({ series, key: keys[i], kind: kinds[i] }) - 1;
    this.#keyCodes.push(keyCodes[i]);
    if (this.#count[seriesCode] === 0) this.#first[seriesCode] = code;
    else this.#next[this.#last[seriesCode]] = code;
    this.#next.push(this.#first[seriesCode]);
    this.#last[seriesCode] = code;
    if (++this.#count[seriesCode] > ringMax) this.#later.set(placeOf(line, i), code);
    return code;
  }
}

const placeOf = ({ seriesCode, kinds, keyCodes }: ParsedLine, i: number): number =>
  (seriesCode * 5 + kindNumbers[kinds[i]]) * keysMax + keyCodes[i];
