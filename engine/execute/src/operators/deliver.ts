import type { Dispatch, OutgoingRequest, Settlement } from "@tocsin/alerting/oncall";
import {
  type Batch,
  type Column,
  columnBuilder,
  type ColumnSpec,
  keyOf,
} from "@tocsin/data/column";
import {
  compareUtf8,
  FluxError,
  type FunctionValue,
  invalid,
  type Location,
  type RecordValue,
  type Value,
} from "@tocsin/data/value";
import { rowCompiler } from "@tocsin/engine/expression";
import { utf8 } from "@tocsin/platform/host";
import type { Operator, OperatorContext, Outlet } from "../operator.ts";
import { operatorKind } from "../per-batch.ts";
import { asFluxError } from "../station.ts";
import { WholeBatches } from "../whole-batch.ts";

/** What an endpoint asks for. */
export interface DeliverSpec {
  /** From a row to `{url, headers, data}`, and optionally `method` and `columns` (a record of strings). */
  readonly request: FunctionValue;
  /** Whose endpoint it is: its requests are events, whatever their URL. Undefined: the URL's shape decides. */
  readonly integration: string | undefined;
  /** Which answers count as sent: any 2xx, or exactly 200. */
  readonly sentWhen: "2xx" | "200";
  /** Columns to add beside `_sent`. */
  readonly added: readonly ("_status" | "_body")[];
}

/** Rows of one batch that are on their way. */
interface Underway {
  readonly batch: Batch;
  /** One for each row; undefined: the row has no request, since the function failed. */
  readonly dispatches: readonly (Dispatch | undefined)[];
  /** Columns that the function added, by row. */
  readonly columns: ReadonlyMap<number, ReadonlyMap<string, string>>;
}

/** After this many rows others get a turn, when it is time. */
const rowsAtOnce = 16;

/** For fewer rows, generating code takes longer than walking the function for each. */
const fewRows = 64;
const walking = rowCompiler({ compile: false });

/**
 * Hands each row's request to delivery and passes the row on, in order, when it is settled. The events
 * of a batch are recorded together, before any of them leaves.
 */
export const deliverKind = operatorKind<DeliverSpec>(
  {
    name: "deliver",
    rowwise: true,
    delivers: true,
    describe: (spec) => spec.integration ?? "http",
  },
  (spec, out, context) => new DeliverOperator(spec, out, context),
);

class DeliverOperator implements Operator {
  readonly #spec: DeliverSpec;
  readonly #out: Outlet;
  readonly #context: OperatorContext;
  readonly #whole = new WholeBatches();
  #underway: Underway[] = [];
  #ended = false;
  readonly #requests: Requests;

  constructor(spec: DeliverSpec, out: Outlet, context: OperatorContext) {
    this.#spec = spec;
    this.#out = out;
    this.#context = context;
    this.#requests = new Requests(spec.integration, lineOf(context.node.at));
  }
  push(batch: Batch): void {
    this.#whole.add(batch);
  }
  finish(): void {
    this.#ended = true;
  }
  async work(): Promise<void> {
    for (const batch of this.#whole.take())
      if (batch !== undefined) this.#underway.push(await this.#hand(batch));
    if (!this.#ended) return;
    for (const underway of this.#underway) {
      const settled: (Settlement | undefined)[] = [];
      // One after the other: when the first is settled, most of those behind it are, too.
      for (const one of underway.dispatches) settled.push(one?.now ?? (await one?.settled));
      const pushed = this.#settled(underway, settled);
      if (pushed.rows > 0) this.#out.push(pushed);
    }
    this.#underway = [];
  }
  /** Makes the requests of a batch and hands them over in one go. */
  async #hand(batch: Batch): Promise<Underway> {
    const { host, deliveries, report, node } = this.#context;
    const requests: OutgoingRequest[] = [];
    /** Rows without a request, in their order. */
    const bad: number[] = [];
    const columns = new Map<number, ReadonlyMap<string, string>>();
    const failed = (row: number, thrown: unknown): void => {
      bad.push(row);
      const error = asFluxError(thrown);
      report({ error, row: rowName(batch, row), at: error.at ?? node.at });
    };
    const take = (row: number, value: Value): void => {
      try {
        const asked = this.#requests.of(value);
        requests.push(asked.request);
        if (asked.columns !== undefined) columns.set(row, asked.columns);
      } catch (error) {
        failed(row, error);
      }
    };
    const compiler = batch.rows < fewRows ? walking : this.#context.rows;
    const values = compiler.values(this.#spec.request);
    const goOn = values.begin(batch, { take, failed });
    const step = values.effect === "pure" ? rowsAtOnce : 1;
    for (let end = 0; end < batch.rows;) {
      end = Math.min(end + step, batch.rows);
      const pending = goOn(end);
      // Most functions give their record at once: nobody waits for it then.
      if (pending instanceof Promise) await pending;
      if (host.loop.due()) await host.loop.turn();
    }
    const made = requests.length === 0 ? [] : await deliveries.deliver(requests);
    return { batch, dispatches: withGaps(made, bad), columns };
  }
  #settled({ batch, columns }: Underway, settled: readonly (Settlement | undefined)[]): Batch {
    const texts = new Map<string, (string | null)[]>();
    texts.set(
      "_sent",
      settled.map((one) => String(one !== undefined && sent(one, this.#spec.sentWhen))),
    );
    if (this.#spec.added.includes("_status")) {
      texts.set(
        "_status",
        settled.map((one) => one?.status ?? ""),
      );
    }
    if (this.#spec.added.includes("_body")) {
      texts.set(
        "_body",
        settled.map((one) => (one?.answer === undefined ? "" : utf8.decode(one.answer.body))),
      );
    }
    for (const label of labelsOf(columns)) {
      texts.set(
        label,
        settled.map((_one, row) => columns.get(row)?.get(label) ?? null),
      );
    }
    return withText(batch, texts);
  }
}

/** What was made for all rows but those of `gaps`, which are in order. */
function withGaps<T>(made: readonly T[], gaps: readonly number[]): readonly (T | undefined)[] {
  if (gaps.length === 0) return made;
  const all: (T | undefined)[] = [];
  for (let next = 0, gap = 0; next + gap < made.length + gaps.length;) {
    const isGap = gaps[gap] === next + gap;
    all.push(isGap ? undefined : made[next]);
    if (isGap) gap += 1;
    else next += 1;
  }
  return all;
}

function labelsOf(columns: Underway["columns"]): Set<string> {
  const labels = new Set<string>();
  for (const one of columns.values()) for (const label of one.keys()) labels.add(label);
  return labels;
}

function sent(settlement: Settlement, when: DeliverSpec["sentWhen"]): boolean {
  if (settlement.state === "accepted") return when === "2xx" || settlement.status === "200";
  if (settlement.state !== "answered") return false;
  return when === "200" ? settlement.status === "200" : settlement.status.startsWith("2");
}

interface Asked {
  readonly request: OutgoingRequest;
  /** Columns to add to the row. */
  readonly columns: ReadonlyMap<string, string> | undefined;
}

/** Makes requests of records. */
class Requests {
  readonly #integration: string | undefined;
  readonly #line: number | undefined;
  /** The headers of the last request: an endpoint's are mostly the very same record. */
  #last: { given: RecordValue; headers: Record<string, string> } | undefined;

  constructor(integration: string | undefined, line: number | undefined) {
    this.#integration = integration;
    this.#line = line;
  }
  of(value: Value): Asked {
    if (value.kind !== "record")
      throw invalid(`the endpoint's function gave ${value.kind} where a record was expected`);
    const data = value.fields.get("data");
    const request: { -readonly [Key in keyof OutgoingRequest]: OutgoingRequest[Key] } = {
      method: value.fields.has("method") ? textField(value, "method") : "POST",
      url: textField(value, "url"),
      headers: this.#headers(value.fields.get("headers")),
    };
    if (data !== undefined)
      request.body = data.kind === "bytes" ? data.value : textOf(data, "data");
    if (this.#integration !== undefined) request.integration = this.#integration;
    if (this.#line !== undefined) request.line = this.#line;
    const extra = value.fields.get("columns");
    if (extra?.kind !== "record") return { request, columns: undefined };
    const columns = new Map<string, string>();
    for (const [label, text] of extra.fields) columns.set(label, textOf(text, label));
    return { request, columns };
  }
  #headers(given: Value | undefined): Record<string, string> {
    if (given?.kind !== "record") return {};
    if (this.#last?.given === given) return this.#last.headers;
    const headers: Record<string, string> = {};
    for (const [name, text] of given.fields) headers[name] = textOf(text, `header ${name}`);
    this.#last = { given, headers };
    return headers;
  }
}

function textField(record: RecordValue, name: string): string {
  const value = record.fields.get(name);
  if (value === undefined) throw invalid(`the endpoint's function gave no ${name}`);
  return textOf(value, name);
}

function textOf(value: Value, name: string): string {
  if (value.kind === "string") return value.value;
  throw new FluxError("invalid", `${name} should be a string, but is ${value.kind}`);
}

function lineOf(at: Location | undefined): number | undefined {
  return at?.file.text.slice(0, at.start).split("\n").length;
}

function rowName(batch: Batch, row: number): string {
  const table = batch.tableEnds.findIndex((end) => end > row);
  const key = keyOf(batch, table);
  const cells = key.labels.map((label, i) => `${label}=${String(key.cells[i])}`);
  return cells.filter((cell) => !/^_(start|stop)=/u.test(cell)).join(" ");
}

/** The batch with text columns added (or replaced), all columns in alphabetical order. */
function withText(batch: Batch, texts: ReadonlyMap<string, readonly (string | null)[]>): Batch {
  const made: { spec: ColumnSpec; column: Column }[] = [];
  batch.schema.forEach((spec, i) => {
    if (!texts.has(spec.label)) made.push({ spec, column: batch.columns[i] });
  });
  for (const [label, cells] of texts) {
    const builder = columnBuilder("string", cells.length);
    for (const cell of cells) builder.append(cell);
    made.push({ spec: { label, kind: "string", key: false }, column: builder.finish() });
  }
  made.sort((a, b) => compareUtf8(a.spec.label, b.spec.label));
  return { ...batch, schema: made.map((one) => one.spec), columns: made.map((one) => one.column) };
}
