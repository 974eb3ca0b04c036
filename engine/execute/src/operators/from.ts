import type { Batch } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import type { BucketRead, StorageAggregate, StoragePredicate } from "@tocsin/engine/plan";
import type { OperatorContext, Source, SourceKind } from "../operator.ts";

/** A read of a bucket, as far as rules have pushed what follows it into the bucket. */
export interface FromSpec {
  readonly bucket: string;
  /** Nanoseconds since the epoch; stop is exclusive. */
  readonly range?: { readonly start: bigint; readonly stop: bigint };
  readonly predicate?: StoragePredicate;
  readonly aggregate?: StorageAggregate;
}

/** `from(bucket:)`, with whatever of the following steps the bucket does itself. */
export const fromKind: SourceKind<FromSpec> = {
  name: "from",
  rowwise: false,
  source: true,
  describe: (spec) =>
    [
      `bucket ${spec.bucket}`,
      spec.range === undefined ? "unbounded" : "range",
      ...(spec.predicate === undefined ? [] : ["filter"]),
      ...(spec.aggregate === undefined ? [] : [spec.aggregate.function]),
    ].join(", "),
  open: (spec, context) => new BucketSource(spec, context),
};

class BucketSource implements Source {
  readonly #spec: FromSpec;
  readonly #context: OperatorContext;

  constructor(spec: FromSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#context = context;
  }
  async run(push: (batch: Batch) => Promise<void>): Promise<void> {
    const { bucket, range, predicate, aggregate } = this.#spec;
    if (range === undefined) {
      throw new FluxError(
        "invalid",
        `cannot submit unbounded read to "${bucket}"; try bounding 'from' with a call to 'range'`,
        { at: this.#context.node.at },
      );
    }
    const request: BucketRead = {
      bucket,
      ...range,
      ...(predicate === undefined ? {} : { predicate }),
      ...(aggregate === undefined ? {} : { aggregate }),
    };
    for await (const batch of this.#context.buckets.read(request, this.#context.signal))
      await push(batch);
  }
}
