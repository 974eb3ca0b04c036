export {
  type CsvOptions,
  type CsvPiece,
  CsvDecoder,
  decodeCsv,
  decodeCsvText,
} from "./csv-decoder.ts";
export { type CsvAnnotation, type CsvDialect, CsvEncoder } from "./csv-encoder.ts";
export { LineDecoder, type LineOptions, type LineSink } from "./line-decoder.ts";
export type {
  FieldKind,
  LineFault,
  LineField,
  LinePoint,
  LineSeries,
  Precision,
} from "./line-point.ts";
export { lineOf } from "./line-writer.ts";
export { type LineBlock, type ParsedLine, pointOf } from "./parsed-line.ts";
export { type ResultEncoder, resultEncoder, type ResultFormat } from "./result-encoder.ts";
export { isTagKey } from "./line-series.ts";
export {
  type Code,
  f64,
  i32,
  i64,
  type Label,
  type Local,
  v128,
  WasmFunction,
  wasmModule,
} from "./wasm-code.ts";
