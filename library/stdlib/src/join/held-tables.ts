import { type Batch, sameSchema, type Schema, stacked } from "@tocsin/data/column";
import type { Steps } from "@tocsin/platform/host";

/** Whole tables of one side that wait for the other, those of one schema together. */
export class HeldTables {
  #strata: { readonly schema: Schema; batches: Batch[] }[] = [];

  add(batch: Batch): void {
    const found = this.#strata.find(({ schema }) => sameSchema(schema, batch.schema));
    if (found === undefined) this.#strata.push({ schema: batch.schema, batches: [batch] });
    else found.batches.push(batch);
  }
  /** Gives all tables, one batch for each schema, and holds nothing any more. */
  *take(): Steps<Batch[]> {
    const strata = this.#strata;
    this.#strata = [];
    const taken: Batch[] = [];
    for (const { batches } of strata) taken.push(yield* stacked(batches));
    return taken;
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
