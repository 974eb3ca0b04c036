import type { Batch } from "@tocsin/data/column";
import { type CsvPiece, decodeCsv, decodeCsvText } from "@tocsin/data/codec";
import { FluxError, invalid } from "@tocsin/data/value";
import type { SourceKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { FileError, utf8 } from "@tocsin/platform/host";

interface CsvSpec {
  /** The CSV as text; undefined: it is in `file`. */
  readonly csv?: string;
  readonly file?: string;
  readonly mode: "annotations" | "raw";
}

/** Tables from CSV, decoded while they are read. */
const csvFromKind: SourceKind<CsvSpec> = {
  name: "csv.from",
  rowwise: false,
  source: true,
  describe: ({ csv, file }) => (file === undefined ? `${csv?.length ?? 0} characters` : file),
  open: (spec, context) => ({
    run: async (push) => {
      try {
        const { file, mode } = spec;
        const { signal, wanted: columns, wantedCells: values } = context;
        const options = { mode, columns, values };
        const pieces =
          file === undefined
            ? decodeCsvText(utf8.encode(spec.csv ?? ""), options)
            : decodeCsv((room) => context.host.files.read(file, signal, room), options);
        await pushOneResult(pieces, push);
      } catch (error) {
        throw asCsvError(error);
      }
    },
  }),
};

async function pushOneResult(
  pieces: Iterable<CsvPiece> | AsyncIterable<CsvPiece>,
  push: (batch: Batch) => Promise<void>,
): Promise<void> {
  let name: string | undefined;
  for await (const { result, batch } of pieces) {
    name ??= result;
    if (result !== name) {
      throw new FluxError("failed precondition", "csv.from() can only parse 1 result", {
        hint: `the text has "${name}" and "${result}": split it`,
      });
    }
    await push(batch);
  }
}

/** Names the call in errors of the text or the file; leaves other errors as they are. */
function asCsvError(error: unknown): unknown {
  if (error instanceof FileError) {
    return new FluxError(
      "not found",
      `error in csv.from(): csv.from() failed to read file: ${error.message}`,
      { cause: error },
    );
  }
  if (!(error instanceof FluxError)) return error;
  const { code, message, at, hint, cause } = error;
  return new FluxError(code, `error in csv.from(): ${message}`, { at, hint, cause });
}

export const from = transformation({
  name: "from",
  type: "(?csv: string, ?file: string, ?mode: string) => stream[A] where A: Record",
  docs:
    'Tables from annotated CSV: the text `csv`, or the file `file`. With `mode: "raw"` a header line and ' +
    "rows are enough, and all columns are strings.",
  example: `import "csv"
csv.from(csv: "host,level\\na,ok\\nb,crit\\n", mode: "raw")`,
  kind: csvFromKind,
  inputs: () => [],
  spec: (args): CsvSpec => {
    const csv = args.string("csv", "");
    const file = args.string("file", "");
    const mode = args.string("mode", "annotations");
    if (mode !== "annotations" && mode !== "raw") {
      throw invalid(
        `csv.from: there is no mode ${JSON.stringify(mode)}`,
        'use "annotations" or "raw"',
      );
    }
    if (csv === "" && file === "") throw invalid("must provide csv raw text or filename");
    if (csv !== "" && file !== "")
      throw invalid("must provide exactly one of the parameters csv or file");
    return { mode, ...(file === "" ? { csv } : { file }) };
  },
});
