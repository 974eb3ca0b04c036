import { concatenate, type FlatColumn } from "@tocsin/data/column";

type Cells = Float64Array | BigInt64Array | BigUint64Array | Uint8Array | Uint32Array;

/**
 * Pieces of a column end to end. Pieces that follow each other in one buffer, as the series of a read
 * do, are joined without copying.
 */
export function joinColumns(pieces: readonly FlatColumn[]): FlatColumn {
  const [first] = pieces;
  if (pieces.length === 1) return first;
  const cells = pieces.map(cellsOf);
  const alike = pieces.every((piece) => piece.kind === first.kind && sameDictionary(piece, first));
  if (!alike || cells.includes(undefined)) return concatenate(pieces);
  const joined = joinCells(cells.filter((one) => one !== undefined));
  if (first.form === "coded") return { ...first, codes: joined as Uint32Array };
  return { ...first, data: joined } as FlatColumn;
}

/** The buffer of a column that is nothing but one. */
function cellsOf(column: FlatColumn): Cells | undefined {
  if (column.valid !== undefined) return undefined;
  if (column.form === "flat") return column.data;
  return column.form === "coded" ? column.codes : undefined;
}

function sameDictionary(a: FlatColumn, b: FlatColumn): boolean {
  if (a.form !== b.form) return false;
  return a.form !== "coded" || (b.form === "coded" && a.dictionary === b.dictionary);
}

function joinCells(pieces: readonly Cells[]): Cells {
  const [first] = pieces;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const make = first.constructor as new (
    from: ArrayBufferLike | number,
    at?: number,
    to?: number,
  ) => Cells;
  let end = first.byteOffset;
  const follow = pieces.every((piece) => {
    const fits = piece.buffer === first.buffer && piece.byteOffset === end;
    end += piece.byteLength;
    return fits;
  });
  if (follow) return new make(first.buffer, first.byteOffset, length);
  const joined = new make(length);
  let at = 0;
  for (const piece of pieces) {
    (joined as Float64Array).set(piece as Float64Array, at);
    at += piece.length;
  }
  return joined;
}
