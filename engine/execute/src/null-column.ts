import { Dictionary, type FlatColumn } from "@tocsin/data/column";

/** A column of `rows` cells without values. */
export function nullColumn(kind: FlatColumn["kind"], rows: number): FlatColumn {
  const valid = new Uint8Array((rows + 7) >> 3);
  switch (kind) {
    case "float":
      return { kind, form: "flat", data: new Float64Array(rows), valid };
    case "int":
    case "time":
      return { kind, form: "flat", data: new BigInt64Array(rows), valid };
    case "uint":
      return { kind, form: "flat", data: new BigUint64Array(rows), valid };
    case "bool":
      return { kind, form: "flat", data: new Uint8Array(rows), valid };
    case "string":
      return {
        kind,
        form: "coded",
        codes: new Uint32Array(rows),
        dictionary: new Dictionary(),
        valid,
      };
  }
}
