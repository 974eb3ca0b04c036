import {
  cellEndFunction,
  endsHere,
  inColumn,
  noteLack,
  noteOdd,
  ofLine,
  quotedEndFunction,
  toCellEnd,
  type Cursor,
} from "./csv-kernel-cells.ts";
import { readFloat, readInt } from "./csv-kernel-numbers.ts";
import type { ColumnPlace, KernelLayout } from "./csv-kernel-plan.ts";
import { readRun } from "./csv-kernel-runs.ts";
import { longEntryFunction, readText } from "./csv-kernel-texts.ts";
import { TimeCode } from "./csv-kernel-times.ts";
import { call, i32, WasmFunction, wasmModule, type Label } from "./wasm-code.ts";

const comma = i32.const(0x2c);
const carriageReturn = i32.const(0x0d);
const one = i32.const(1);

/** Reads one cell of a column. `last`: it is the last one of its line. */
function readCell(cursor: Cursor, place: ColumnPlace, times: TimeCode, last: boolean): void {
  const { f, at, start } = cursor;
  f.do(start.set(at.get));
  const { kind, plain, unread, nullable } = place.column;
  if (kind === "string") {
    if (unread) toCellEnd(cursor, last);
    else readText(cursor, place, last);
    return;
  }
  f.block((done) => {
    f.block((odd) => {
      if (kind === "float") readFloat(cursor, place, odd);
      else if (kind === "bool") readBool(cursor, place, odd);
      else if (kind !== "time") readInt(cursor, place, odd);
      else if (plain) times.read(place, odd);
      else f.go(odd);
      f.goIf(done, endsHere(cursor, last));
    });
    if (unread || nullable) {
      f.do(at.set(start.get));
      f.if(endsHere(cursor, last), () => {
        if (!unread) noteLack(cursor, place);
        f.go(done);
      });
    }
    toCellEnd(cursor, last);
    noteOdd(cursor, place);
  });
}

function readBool(cursor: Cursor, { values, column }: ColumnPlace, odd: Label): void {
  const { f, at, n } = cursor;
  const isTrue = i32.eq(i32.load(at.get), i32.const(0x65757274));
  const isFalse = i32.and(
    i32.eq(i32.load(at.get), i32.const(0x736c6166)),
    i32.eq(i32.load8(at.get, 4), i32.const(0x65)),
  );
  f.do(n.set(isTrue));
  f.goIf(odd, i32.eqz(i32.or(n.get, isFalse)));
  if (!column.unread) f.do(i32.store8(inColumn(cursor, cursor.line.get), n.get, values));
  f.do(at.set(i32.sub(i32.add(at.get, i32.const(5)), n.get)));
}

/** Reads the line break after the last cell; a line without one may go on in the bytes to come. */
function endLine(cursor: Cursor): void {
  const { f, at, to, stop, line, layout } = cursor;
  f.if(i32.eq(i32.load8(at.get), carriageReturn), () => f.do(at.set(i32.add(at.get, one))));
  f.goIf(stop, i32.ge(at.get, to.get));
  f.do(
    at.set(i32.add(at.get, one)),
    i32.store(ofLine(cursor, 4), at.get, layout.ends),
    i32.store(ofLine(cursor, 4), i32.load(i32.const(0), layout.broken), layout.brokenBy),
    line.set(i32.add(line.get, one)),
  );
}

/** A function that reads the cells of many columns of one kind. */
interface SharedCell {
  /** Its number in the module. */
  readonly number: number;
  readonly cell: WasmFunction;
  /** The first of these columns: the function has its addresses, and is told how far behind them others lie. */
  readonly model: ColumnPlace;
}

/** The number after those of the functions that every module has. */
const firstShared = 3;
/** More columns of one kind share their code: compiling it for each takes longer than reading, and much memory. */
const columnsOfOwnCode = 8;

/** The same for columns that differ only in their place. */
const likeness = ({ column }: ColumnPlace): string => JSON.stringify(column);

/** The shared functions by likeness. The last cell of a line ends differently, and has code of its own. */
function sharedCells(layout: KernelLayout): ReadonlyMap<string, SharedCell> {
  const columns = layout.places
    .slice(0, -1)
    .flatMap((place) => (place.run === undefined ? [place.at] : []));
  const kinds = new Map<string, ColumnPlace[]>();
  for (const place of columns) {
    const alike = kinds.get(likeness(place));
    if (alike === undefined) kinds.set(likeness(place), [place]);
    else alike.push(place);
  }
  const many = [...kinds].filter(([, alike]) => alike.length > columnsOfOwnCode);
  return new Map(
    many.map(([name, [model]], i) => {
      const cell = cellFunction(layout, model);
      return [name, { number: firstShared + i, cell, model }];
    }),
  );
}

/** `cell(at, to, line, behind)` reads the cell at `at`; it gives where the cell ends, or 0 if the line is not read. */
function cellFunction(layout: KernelLayout, model: ColumnPlace): WasmFunction {
  const f = new WasmFunction(4);
  const [at, to, line, behind] = f.parameters;
  const [start, end, rework, b, n] = [f.local(), f.local(), f.local(), f.local(), f.local()];
  f.block((done) => {
    f.block((stop) => {
      const cursor = { f, layout, at, to, line, start, end, rework, b, n, stop, behind };
      readCell(cursor, model, new TimeCode(cursor), false);
      f.go(done);
    });
    f.do(at.set(i32.const(0)));
  });
  f.do(at.get);
  return f;
}

/**
 * The module that reads the rows of one head. `run(from, to, lines)` reads up to `lines` lines of the bytes
 * `from .. to`, after which a line break must stand; it gives how many it has read.
 */
export function kernelModule(layout: KernelLayout): Uint8Array {
  const shared = sharedCells(layout);
  const f = new WasmFunction(3);
  const [at, to, lines] = f.parameters;
  const line = f.local();
  const [start, end, rework, b, n] = [f.local(), f.local(), f.local(), f.local(), f.local()];
  f.block((stop) => {
    const cursor: Cursor = { f, layout, at, to, line, start, end, rework, b, n, stop };
    const times = new TimeCode(cursor);
    f.loop((again) => {
      f.goIf(stop, i32.ge(line.get, lines.get));
      // Rows begin with an empty cell.
      f.goIf(stop, i32.ne(i32.load8(at.get), comma));
      layout.places.forEach((place, i) => {
        const last = i === layout.places.length - 1;
        const common =
          place.run === undefined && !last ? shared.get(likeness(place.at)) : undefined;
        if (place.run !== undefined) readRun(cursor, place.run, last);
        else if (common === undefined) readCell(cursor, place.at, times, last);
        else {
          const behind = i32.const(place.at.values - common.model.values);
          f.do(at.set(call(common.number, at.get, to.get, line.get, behind)));
          f.goIf(stop, i32.eqz(at.get));
        }
        if (!last) f.do(at.set(i32.add(at.get, one)));
      });
      endLine(cursor);
      f.go(again);
    });
  });
  f.do(line.get);
  const functions = [cellEndFunction(), quotedEndFunction(layout), longEntryFunction()];
  const cells = [...shared.values()].map(({ cell }) => cell);
  return wasmModule([...functions, ...cells, f], "imported");
}
