import { type Batch, type Column, sameSchema, type Schema, concatenate } from "@tocsin/data/column";

/** Batches of one schema as one, which may be longer than batches that are passed on. */
export function stacked(batches: readonly Batch[]): Batch {
  if (batches.length === 1) return batches[0];
  const { schema } = batches[0];
  const columns = schema.map((_, i): Column => {
    const pieces = batches.map(({ columns }) => columns[i]);
    const flat = concatenate(pieces.map((one) => (one.form === "table" ? one.values : one)));
    return pieces[0].form === "table" ? { kind: flat.kind, form: "table", values: flat } : flat;
  });
  const tableEnds = new Uint32Array(batches.reduce((sum, one) => sum + one.tableEnds.length, 0));
  let table = 0;
  let rows = 0;
  for (const batch of batches) {
    for (const end of batch.tableEnds) tableEnds[table++] = rows + end;
    rows += batch.rows;
  }
  return { schema, columns, rows, tableEnds, open: false };
}

/** Whole tables of one side that wait for the other, those of one schema together. */
export class HeldTables {
  #strata: { readonly schema: Schema; batches: Batch[] }[] = [];

  add(batch: Batch): void {
    const found = this.#strata.find(({ schema }) => sameSchema(schema, batch.schema));
    if (found === undefined) this.#strata.push({ schema: batch.schema, batches: [batch] });
    else found.batches.push(batch);
  }
  /** All tables, one batch a schema; holds nothing any more. */
  take(): Batch[] {
    const strata = this.#strata;
    this.#strata = [];
    return strata.map(({ batches }) => stacked(batches));
  }
}

/** All columns that tables of one side had so far; of two types the first. */
export class SeenColumns {
  #schema: Schema = [];
  readonly #seen: Schema[] = [];

  add(schema: Schema): void {
    if (this.#seen.some((one) => one === schema || sameSchema(one, schema))) return;
    this.#seen.push(schema);
    const more = schema.filter(({ label }) => !this.has(label));
    if (more.length > 0) this.#schema = [...this.#schema, ...more];
  }
  has(label: string): boolean {
    return this.#schema.some((spec) => spec.label === label);
  }
  get schema(): Schema {
    return this.#schema;
  }
}
