import { FluxError, invalid, type Json, parseJson } from "@tocsin/data/value";
import type { OperatorContext, SourceKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { FileError, utf8 } from "@tocsin/platform/host";
import { tablesOf } from "./response.ts";

interface JsonSpec {
  /** Text, or the path of a file. */
  readonly json?: string;
  readonly file?: string;
}

const jsonKind: SourceKind<JsonSpec> = {
  name: "v1.json",
  rowwise: false,
  source: true,
  describe: ({ json, file }) => file ?? `${json?.length ?? 0} characters`,
  open: (spec, context) => ({
    run: async (push) => {
      const text = spec.file === undefined ? (spec.json ?? "") : await textOf(spec.file, context);
      for (const table of tablesOf(parsed(text))) await push(table);
    },
  }),
};

function parsed(text: string): Json {
  const result = parseJson(text);
  if ("value" in result) return result.value;
  throw invalid(
    `v1.json: this is no JSON: ${result.reason}`,
    `line ${result.line}, column ${result.column}`,
  );
}

async function textOf(file: string, { host, signal }: OperatorContext): Promise<string> {
  let bytes = new Uint8Array(0);
  let length = 0;
  try {
    for await (const piece of host.files.read(file, signal)) {
      if (length + piece.length > bytes.length) {
        const longer = new Uint8Array(2 * (length + piece.length));
        longer.set(bytes);
        bytes = longer;
      }
      bytes.set(piece, length);
      length += piece.length;
    }
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new FluxError("not found", `v1.json: ${error.message}`, { cause: error });
  }
  return utf8.decode(bytes.subarray(0, length));
}

export const json = transformation({
  name: "json",
  type: "(?json: string, ?file: string) => stream[A] where A: Record",
  docs:
    "Tables from the answer of an InfluxDB 1 server in JSON: the text `json`, or the file `file`. Each column of each " +
    "series becomes a table with `_time`, `_measurement`, the tags, `_field` and `_value`; numbers are floats.",
  example: `import "influxdata/influxdb/v1"
v1.json(json: "{\\"results\\": [{\\"series\\": [{\\"name\\": \\"cpu\\", \\"columns\\": [\\"load\\"], \\"values\\": [[0.5]]}]}]}")`,
  kind: jsonKind,
  inputs: () => [],
  spec: (args): JsonSpec => {
    const json = args.string("json", "");
    const file = args.string("file", "");
    if (json === "" && file === "") throw invalid("must provide json raw text or filename");
    if (json !== "" && file !== "")
      throw invalid("must provide exactly one of the parameters json or file");
    return file === "" ? { json } : { file };
  },
});
