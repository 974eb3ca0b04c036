import { type ColumnKind, FluxError, invalid, rfc3339 } from "@tocsin/data/value";
import type { CsvColumn } from "./csv-cells.ts";

/** What the annotations and header over a block of rows say. */
export interface CsvHead {
  readonly result: string;
  /** Number of the table, known here only when the table has no rows. */
  readonly table: string;
  /** Columns after `table`; in raw mode all columns. */
  readonly columns: readonly CsvColumn[];
  /** How many cells a row has, those before the first column included. */
  readonly width: number;
}

/** Cells before the data: annotation, result, table. */
export const leadingCells = 3;

/** Collects the annotation rows and the header over a block of rows. */
export class CsvHeadReader {
  #rows = new Map<string, readonly string[]>();
  #width = -1;
  #errorHeader = false;

  /** True when no row of a head was seen. */
  get empty(): boolean {
    return this.#width < 0;
  }
  /** Takes a row; gives the head once it is whole. Throws the error that an error table holds. */
  take(row: readonly string[], line: number): CsvHead | undefined {
    if (this.#width < 0) this.#width = row.length;
    if (row.length !== this.#width) {
      throw invalid(
        `line ${line}: ${cells(row.length)}, but ${cells(this.#width)} in the rows above`,
      );
    }
    if (this.#errorHeader) throw new FluxError("internal", row[1] ?? "unknown error");
    const whole = ["datatype", "group", "default"].every((name) => this.#rows.has(name));
    if (!whole) {
      this.#annotation(row, line);
      return undefined;
    }
    if (row[1] === "error") {
      this.#errorHeader = true;
      return undefined;
    }
    return this.#head(row, line);
  }
  /** Throws where the data end within a head, naming what is missing. Comments alone are no head. */
  finish(): void {
    if (this.empty || this.#rows.size === 0) return;
    if (this.#errorHeader) throw invalid("the data end within an error: its text is missing");
    throw (
      this.#missing() ?? invalid("the data end after the annotations: the header row is missing")
    );
  }

  #annotation(row: readonly string[], line: number): void {
    const name = row[0].startsWith("#") ? row[0].slice(1) : row[0];
    const known = name === "datatype" || name === "group" || name === "default";
    if (known) {
      if (row.length < leadingCells) {
        throw invalid(
          `line ${line}: the annotation ${name} has ${cells(row.length)}; at least 3 are needed`,
        );
      }
      this.#rows.set(name, row);
    } else if (!row[0].startsWith("#")) {
      const missing = this.#missing();
      if (missing !== undefined)
        throw new FluxError("failed precondition", `line ${line}: ${missing.message}`);
    }
  }
  #missing(): FluxError | undefined {
    const name = ["datatype", "group", "default"].find((one) => !this.#rows.has(one));
    if (name === undefined) return undefined;
    const hint = `for CSV without annotations use mode: "raw"`;
    return new FluxError("failed precondition", `missing expected annotation ${name}. ${hint}`);
  }
  #head(labels: readonly string[], line: number): CsvHead {
    const datatypes = this.#rows.get("datatype") ?? [];
    const groups = this.#rows.get("group") ?? [];
    const fallbacks = this.#rows.get("default") ?? [];
    const columns: CsvColumn[] = [];
    for (let i = leadingCells; i < labels.length; i++) {
      const type = columnType(datatypes[i], labels[i], line);
      const key = groups[i] === "true";
      columns.push({
        label: labels[i],
        ...type,
        key,
        fallback: fallbacks[i] === "" ? undefined : fallbacks[i],
      });
    }
    if (fallbacks[2] !== "" && !/^-?[0-9]+$/.test(fallbacks[2])) {
      throw invalid(`line ${line}: the default of column "table" is not a number`);
    }
    this.#rows = new Map();
    const width = this.#width;
    this.#width = -1;
    return { result: fallbacks[1], table: fallbacks[2], columns, width };
  }
}

/** The head of data without annotations: every column is text. */
export function rawHead(labels: readonly string[]): CsvHead {
  const columns = labels.map((label): CsvColumn => {
    return { label, kind: "string", key: false, layout: undefined, fallback: undefined };
  });
  return { result: "_result", table: "0", columns, width: labels.length };
}

const kinds: ReadonlyMap<string, ColumnKind> = new Map([
  ["boolean", "bool"],
  ["long", "int"],
  ["unsignedLong", "uint"],
  ["double", "float"],
  ["string", "string"],
  ["dateTime", "time"],
]);

/** What the annotation of a column of times says when they are in RFC 3339. */
const ordinaryLayouts: ReadonlySet<string> = new Set(["", "RFC3339", "RFC3339Nano", rfc3339]);

function columnType(
  datatype: string,
  label: string,
  line: number,
): { kind: ColumnKind; layout: string | undefined } {
  const mark = datatype.indexOf(":");
  const name = mark < 0 ? datatype : datatype.slice(0, mark);
  const kind = kinds.get(name);
  if (kind === undefined) {
    throw invalid(
      `line ${line}: column ${JSON.stringify(label)} has invalid datatype: ` +
        `unsupported data type ${JSON.stringify(name)}; known are ${[...kinds.keys()].join(", ")}`,
    );
  }
  const detail = mark < 0 ? "" : datatype.slice(mark + 1);
  const ordinary = kind !== "time" || ordinaryLayouts.has(detail);
  return { kind, layout: ordinary ? undefined : detail };
}

const cells = (count: number): string => (count === 1 ? "1 cell" : `${count} cells`);
