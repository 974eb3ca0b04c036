import { indexOf, type Table, valueOf } from "@tocsin/data/column";
import { float, int, invalid, record, string } from "@tocsin/data/value";
import { type Arguments, type Definition, native } from "@tocsin/engine/interpret";
import { s2 } from "s2js";
import { pointOf } from "./shape.ts";

/** Cells of this level are the smallest: a square centimetre. */
export const FINEST_LEVEL = 30;

function cellOf(args: Arguments, token: string): s2.cellid.CellID {
  const cell = /^[0-9a-f]{1,16}$/iu.test(token) ? s2.cellid.fromToken(token) : 0n;
  if (s2.cellid.valid(cell)) return cell;
  throw invalid(
    `${args.function}: "${token}" is no token of an S2 cell`,
    'a token is what s2CellIDToken gives, for instance "89c2594"',
  );
}

function levelOf(args: Arguments): number {
  const level = args.count("level");
  if (level >= 1 && level <= FINEST_LEVEL) return level;
  throw invalid(`${args.function}: level is ${level}: it should be from 1 to ${FINEST_LEVEL}`);
}

/** The smallest cell at a point. */
function leafAt(args: Arguments): s2.cellid.CellID {
  const point = pointOf(args.record("point"), `${args.function}: point`);
  return s2.cellid.fromPoint(point);
}

/** The cell of the argument `token` or `point`, whichever is given and not empty. */
function cellGiven(args: Arguments): s2.cellid.CellID {
  const token = args.has("token") && args.string("token") !== "";
  const point = args.has("point") && args.record("point").fields.size > 0;
  if (token === point)
    throw invalid(`${args.function}: give either token or point${token ? ", not both" : ""}`);
  return token ? cellOf(args, args.string("token")) : leafAt(args);
}

const s2CellIDToken = native({
  name: "s2CellIDToken",
  type: "(?token: string, ?point: {lat: float, lon: float}, level: int) => string",
  docs:
    "The token of the S2 cell of a level (1 to 30) around a point, or around the smaller cell of " +
    "another token.",
  example: `import "array"
import "experimental/geo"
array.from(rows: [{area: geo.s2CellIDToken(point: {lat: 40.7, lon: -73.9}, level: 10)}])`,
  call: (args) => {
    const cell = cellGiven(args);
    const level = levelOf(args);
    const own = s2.cellid.level(cell);
    if (level > own)
      throw invalid(
        `${args.function}: level is ${level}, but the cell "${args.string("token")}" is of level ${own}`,
        "a cell lies in cells of its own or a lower level",
      );
    return string(s2.cellid.toToken(s2.cellid.parent(cell, level)));
  },
});

const DEGREES = 180 / Math.PI;

const s2CellLatLon = native({
  name: "s2CellLatLon",
  type: "(token: string) => {lat: float, lon: float}",
  docs: "The centre of an S2 cell.",
  example: `import "array"
import "experimental/geo"
array.from(rows: [geo.s2CellLatLon(token: "89c284")])`,
  call: (args) => {
    const { lat, lng } = s2.cellid.latLng(cellOf(args, args.string("token")));
    return record({ lat: float(lat * DEGREES), lon: float(lng * DEGREES) });
  },
});

const getLevel = native({
  name: "getLevel",
  type: "(token: string) => int",
  docs: "The level of an S2 cell: from 0, a sixth of the earth, to 30, a square centimetre.",
  example: `import "array"
import "experimental/geo"
array.from(rows: [{level: geo.getLevel(token: "166b59")}])`,
  call: (args) => int(BigInt(s2.cellid.level(cellOf(args, args.string("token"))))),
});

/** The first token of a table: of its key, so that a table without rows has one, or of a row. */
function tokenIn(table: Table): string | undefined {
  const at = indexOf(table.schema, "s2_cell_id");
  if (at < 0 || (table.rows === 0 && !table.schema[at].key)) return undefined;
  const value = valueOf(table.columns[at], 0, 0);
  return value.kind === "string" ? value.value : undefined;
}

const detectLevel = native({
  name: "_detectLevel",
  type: "(<-tables: stream[{A with s2_cell_id: string}]) => int",
  docs: "The level of the cells in the column `s2_cell_id`; -1 when there are no tables.",
  effect: "reads",
  call: async (args, run) => {
    const tables = await run.execute(args.stream());
    const token = tables.map(tokenIn).find((one) => one !== undefined);
    if (token !== undefined) return int(BigInt(s2.cellid.level(cellOf(args, token))));
    if (tables.every(({ rows }) => rows === 0)) return int(-1n);
    throw invalid(
      "geo: no table has a column s2_cell_id of S2 cell tokens",
      "geo.shapeData adds it to rows with latitude and longitude; or give s2cellIDLevel",
    );
  },
});

/** Cells of S2: squares of 31 levels on the earth, and the tokens that name them. */
export const cells: readonly Definition[] = [detectLevel, getLevel, s2CellIDToken, s2CellLatLon];
