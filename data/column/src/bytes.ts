import { isBlank } from "./blank.ts";
import type { Batch, Column } from "./column.ts";

/** About how many bytes a batch's columns take; what they share with others counts in each. */
export function bytesOf({ columns }: Pick<Batch, "columns">): number {
  let bytes = 0;
  for (const column of columns) bytes += columnBytes(column);
  return bytes;
}

function columnBytes(column: Column): number {
  switch (column.form) {
    case "table":
      return columnBytes(column.values);
    case "flat":
      return isBlank(column) ? 0 : column.data.byteLength;
    case "coded":
      return isBlank(column) ? 0 : column.codes.byteLength;
    case "plain": {
      const { offsets } = column;
      return offsets.byteLength + offsets[offsets.length - 1] - offsets[0];
    }
    case "lazy":
      return column.columns.reduce((sum, one) => sum + columnBytes(one), 0);
  }
}
