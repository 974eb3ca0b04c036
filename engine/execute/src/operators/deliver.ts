import type { Dispatch, OutgoingRequest, Settlement } from "@tocsin/alerting/oncall";
import {
  type Batch,
  type Column,
  columnBuilder,
  type ColumnSpec,
  keyOf,
  tableStart,
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
import type { Awaitable } from "@tocsin/engine/expression";
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

const none: ReadonlyMap<string, string> = new Map();

interface Attempt {
  readonly dispatch: Dispatch | undefined;
  readonly columns: ReadonlyMap<string, string>;
}

/** Rows of one batch that are on their way. */
interface Underway {
  readonly batch: Batch;
  readonly attempts: readonly Attempt[];
}

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
      if (batch !== undefined) this.#underway.push({ batch, attempts: await this.#hand(batch) });
    if (!this.#ended) return;
    for (const { batch, attempts } of this.#underway) {
      const settled: (Settlement | undefined)[] = [];
      // One after the other: when the first is settled, most of those behind it are, too.
      for (const { dispatch } of attempts) settled.push(dispatch?.now ?? (await dispatch?.settled));
      const pushed = this.#settled(batch, attempts, settled);
      if (pushed.rows > 0) this.#out.push(pushed);
    }
    this.#underway = [];
  }
  /** Makes the requests of a batch and hands them over in one go. */
  async #hand(batch: Batch): Promise<Attempt[]> {
    const { loop } = this.#context.host;
    const requests: OutgoingRequest[] = [];
    const made: { columns: ReadonlyMap<string, string>; request: number }[] = [];
    for (let table = 0; table < batch.tableEnds.length; table++) {
      for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
        const value = this.#call(batch, row, table);
        // Most functions give their record at once: nobody waits for it then.
        const asked = this.#ask(value instanceof Promise ? await value : value, batch, table);
        made.push({
          columns: asked?.columns ?? none,
          request: asked === undefined ? -1 : requests.length,
        });
        if (asked !== undefined) requests.push(asked.request);
        if (loop.due()) await loop.turn();
      }
    }
    const dispatches =
      requests.length === 0 ? [] : await this.#context.deliveries.deliver(requests);
    return made.map(({ columns, request }) => ({
      columns,
      dispatch: request < 0 ? undefined : dispatches[request],
    }));
  }
  /** What the function makes of a row, or the error that it raises. */
  #call(batch: Batch, row: number, table: number): Awaitable<Value | FluxError> {
    const { rows } = this.#context;
    try {
      const args = new Map([["r", rows.rowValue(batch, row, table)]]);
      const value = rows.call(this.#spec.request, args);
      return value instanceof Promise ? value.catch(asFluxError) : value;
    } catch (error) {
      return asFluxError(error);
    }
  }
  #ask(
    value: Value | FluxError,
    batch: Batch,
    table: number,
  ): { request: OutgoingRequest; columns: ReadonlyMap<string, string> } | undefined {
    try {
      if (value instanceof FluxError) throw value;
      return this.#requests.of(value);
    } catch (error) {
      const bad = asFluxError(error);
      this.#context.report({
        error: bad,
        row: rowName(batch, table),
        at: bad.at ?? this.#context.node.at,
      });
      return undefined;
    }
  }
  #settled(
    batch: Batch,
    attempts: readonly Attempt[],
    settled: readonly (Settlement | undefined)[],
  ): Batch {
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
    for (const label of labelsOf(attempts)) {
      texts.set(
        label,
        attempts.map((one) => one.columns.get(label) ?? null),
      );
    }
    return withText(batch, texts);
  }
}

function labelsOf(attempts: readonly Attempt[]): Set<string> {
  const labels = new Set<string>();
  for (const { columns } of attempts) for (const label of columns.keys()) labels.add(label);
  return labels;
}

function sent(settlement: Settlement, when: DeliverSpec["sentWhen"]): boolean {
  if (settlement.state === "accepted") return when === "2xx" || settlement.status === "200";
  if (settlement.state !== "answered") return false;
  return when === "200" ? settlement.status === "200" : settlement.status.startsWith("2");
}

/** Makes requests of records. */
class Requests {
  readonly #asker: Pick<OutgoingRequest, "integration" | "line">;
  /** The headers of the last one: an endpoint's are mostly the very same record. */
  #last: { given: RecordValue; headers: Record<string, string> } | undefined;

  constructor(integration: string | undefined, line: number | undefined) {
    this.#asker = {
      ...(integration === undefined ? {} : { integration }),
      ...(line === undefined ? {} : { line }),
    };
  }
  of(value: Value): { request: OutgoingRequest; columns: ReadonlyMap<string, string> } {
    if (value.kind !== "record")
      throw invalid(`the endpoint's function gave ${value.kind} where a record was expected`);
    const data = value.fields.get("data");
    const asked = {
      ...this.#asker,
      method: value.fields.has("method") ? textField(value, "method") : "POST",
      url: textField(value, "url"),
      headers: this.#headers(value.fields.get("headers")),
    };
    const request: OutgoingRequest =
      data === undefined
        ? asked
        : { ...asked, body: data.kind === "bytes" ? data.value : textOf(data, "data") };
    const extra = value.fields.get("columns");
    if (extra?.kind !== "record") return { request, columns: none };
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

function rowName(batch: Batch, table: number): string {
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
