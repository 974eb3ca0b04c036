import { type Batch, type Column, cellOf, indexOf, type Table } from "@tocsin/data/column";
import { type CallSite, FluxError, type Native, type Value } from "@tocsin/data/value";
import { fromKind, heldKind, rangeKind, type SourceKind } from "@tocsin/engine/execute";
import { callFunction } from "@tocsin/engine/expression";
import { type Library, option, type PackageDefinition, type Run } from "@tocsin/engine/interpret";
import { isKind, type LogicalNode, type Rule } from "@tocsin/engine/plan";

/** Nanoseconds since the epoch; `stop` is exclusive. */
interface Span {
  readonly start: bigint;
  readonly stop: bigint;
}

/** All that a call of `testing.load` wrote. */
interface LoadedSpec extends Span {
  readonly bucket: string;
}

/** Reads back all that was written, without the bounds that the test never asked for. */
const loadedKind: SourceKind<LoadedSpec> = {
  name: "testing.load",
  rowwise: false,
  source: true,
  describe: ({ bucket }) => `bucket ${bucket}`,
  open: ({ bucket, start, stop }, context) => ({
    run: async (push) => {
      for await (const batch of context.buckets.read({ bucket, start, stop }, context.signal))
        await push(withoutBounds(batch));
    },
  }),
};

function withoutBounds(batch: Batch): Batch {
  const kept = [...batch.schema.keys()].filter((i) => {
    const { label } = batch.schema[i];
    return label !== "_start" && label !== "_stop";
  });
  const columns = kept.map((i): Column => batch.columns[i]);
  return { ...batch, schema: kept.map((i) => batch.schema[i]), columns };
}

/**
 * A range after the load is the range of the read, so that a bucket does what follows as it always
 * does.
 */
const rangeIntoLoad: Rule = {
  name: "tocsin.RangeIntoLoad",
  phase: "physical",
  apply(node) {
    if (!isKind(node, rangeKind)) return undefined;
    const [input] = node.inputs;
    const { start, stop, timeColumn, startColumn, stopColumn } = node.spec;
    if (!isKind(input, loadedKind) || timeColumn !== "_time") return undefined;
    if (startColumn !== "_start" || stopColumn !== "_stop") return undefined;
    const spec = { bucket: input.spec.bucket, range: { start, stop } };
    return { ...node, kind: fromKind, spec, inputs: [] } as LogicalNode;
  },
};

/** What makes a testcase's `testing.load` go through a bucket. */
interface StoreLoad {
  readonly library: Library;
  readonly rules: readonly Rule[];
}

/** Numbers the buckets of loads in this process: none is ever used twice. */
let loads = 0;

/**
 * A library in which `testing.load` writes its tables into a new bucket and reads them back, as a
 * server's own test runner does: the rest of a testcase then runs over a bucket.
 */
export function loadThroughStore(library: Library): StoreLoad {
  const load = (path: string): Promise<PackageDefinition> | undefined => {
    const definition = library.load(path);
    return path === "testing" ? definition?.then(withStoringLoad) : definition;
  };
  return { library: { ...library, load }, rules: [rangeIntoLoad] };
}

function withStoringLoad(definition: PackageDefinition): PackageDefinition {
  const members = definition.members.map((member) =>
    member.name === "load"
      ? option({ name: "load", type: member.type, docs: member.docs, value: storingLoad })
      : member,
  );
  return { ...definition, members };
}

function storingLoad(run: Run): Native {
  return {
    kind: "function",
    form: "native",
    name: "testing.load",
    parameters: [{ name: "tables", pipe: true, optional: false }],
    effect: "acts",
    call: async (args, site) => stored(run, args.get("tables"), site),
  };
}

async function stored(run: Run, given: Value | undefined, site: CallSite): Promise<Value> {
  if (given?.kind !== "stream")
    throw new FluxError("invalid", "testing.load: tables should be a stream");
  const tables = await run.execute(given.node as LogicalNode);
  const span = spanOf(tables);
  if (span === undefined) return given;
  const bucket = `loaded-${++loads}`;
  const held = run.stream(heldKind, { tables }, [], site.at);
  const to = (await run.importPackage("influxdata/influxdb"))?.cells.get("to")?.value;
  if (to?.kind !== "function") throw new FluxError("internal", "the library has no to()");
  const call = new Map<string, Value>([
    ["tables", held],
    ["bucket", { kind: "string", value: bucket }],
  ]);
  const written = await callFunction(to, call, site);
  if (written.kind === "stream") await run.execute(written.node as LogicalNode);
  return run.stream(loadedKind, { bucket, ...span }, [], site.at);
}

/** From the first time to after the last one; undefined where there is no time. */
function spanOf(tables: readonly Table[]): Span | undefined {
  let start: bigint | undefined;
  let last: bigint | undefined;
  for (const table of tables) {
    const at = indexOf(table.schema, "_time");
    if (at < 0 || table.schema[at].kind !== "time") continue;
    for (let row = 0; row < table.rows; row++) {
      const time = cellOf(table.columns[at], row, 0) as bigint | null;
      if (time === null) continue;
      if (start === undefined || time < start) start = time;
      if (last === undefined || time > last) last = time;
    }
  }
  return start === undefined || last === undefined ? undefined : { start, stop: last + 1n };
}
