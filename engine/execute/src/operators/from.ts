import type { Batch } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import type {
  BucketRead,
  BucketServer,
  LogicalNode,
  StorageAggregate,
  StoragePool,
  StoragePredicate,
} from "@tocsin/engine/plan";
import type { OperatorContext, OperatorKind, Source, SourceKind } from "../operator.ts";

/** A read of a bucket, with the steps after it that rules have pushed into the bucket. */
export interface FromSpec {
  readonly bucket: string;
  readonly server?: BucketServer;
  /** Nanoseconds since the epoch; stop is exclusive. */
  readonly range?: { readonly start: bigint; readonly stop: bigint };
  readonly predicate?: StoragePredicate;
  readonly aggregate?: StorageAggregate;
  /** The step that `aggregate` stands for, which runs here if the bucket does not compute it. */
  readonly otherwise?: LogicalNode;
  /** What the following steps make of the rows. */
  readonly pool?: StoragePool;
}

/** `from(bucket:)`, with the following steps that the bucket does itself. */
export const fromKind: SourceKind<FromSpec> = {
  name: "from",
  rowwise: false,
  source: true,
  bounds: ({ range }) => range,
  describe: (spec) =>
    [
      `bucket ${spec.bucket}${spec.server === undefined ? "" : ` of ${spec.server.host}`}`,
      spec.range === undefined ? "unbounded" : "range",
      ...(spec.predicate === undefined ? [] : ["filter"]),
      ...(spec.aggregate === undefined ? [] : [spec.aggregate.function]),
      ...(spec.pool === undefined ? [] : [`pooled for ${spec.pool.function}`]),
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
    const { bucket, server, range, predicate, pool } = this.#spec;
    if (range === undefined) {
      throw new FluxError(
        "invalid",
        `cannot submit unbounded read to "${bucket}"; try bounding 'from' with a call to 'range'`,
        { at: this.#context.node.at },
      );
    }
    const request = {
      bucket,
      ...range,
      ...(server === undefined ? {} : { server }),
      ...(predicate === undefined ? {} : { predicate }),
      ...(pool === undefined ? {} : { pool }),
    };
    const { aggregate, otherwise } = this.#spec;
    if (aggregate === undefined) return this.#read(request, push);
    const pushed = await this.#context.buckets.pushes(bucket);
    if (otherwise === undefined || pushed.has(aggregate.function))
      return this.#read({ ...request, aggregate }, push);
    return this.#readThrough(otherwise, request, push);
  }

  async #read(request: BucketRead, push: (batch: Batch) => Promise<void>): Promise<void> {
    for await (const batch of this.#context.buckets.read(request, this.#context.signal))
      await push(batch);
  }
  /** Reads all rows, and runs the step on them that the bucket does not do. */
  async #readThrough(
    step: LogicalNode,
    request: BucketRead,
    push: (batch: Batch) => Promise<void>,
  ): Promise<void> {
    let made: Batch[] = [];
    const flush = async (): Promise<void> => {
      const batches = made;
      made = [];
      for (const batch of batches) await push(batch);
    };
    const kind = step.kind as OperatorKind<unknown>;
    const context = { ...this.#context, node: step };
    const operator = kind.start(step.spec, { push: (batch) => void made.push(batch) }, context);
    const work = async (): Promise<void> => {
      await operator.work?.(flush);
      for (const _ of operator.steps?.() ?? []) await flush();
      await flush();
    };
    await this.#read(request, async (batch) => {
      operator.push(batch, 0);
      await work();
    });
    operator.finish(0);
    await work();
  }
}
