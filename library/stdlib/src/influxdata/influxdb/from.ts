import { invalid } from "@tocsin/data/value";
import { fromKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const from = transformation({
  name: "from",
  type: `(
    ?bucket: string, ?bucketID: string, ?host: string, ?org: string, ?orgID: string, ?token: string,
  ) => stream[{A with _measurement: string, _field: string, _time: time, _value: B}]`,
  docs: "Reads a bucket. A call to `range` must follow: buckets are never read whole.",
  kind: fromKind,
  inputs: () => [],
  spec: (args) => {
    if (args.has("bucket")) return { bucket: args.string("bucket") };
    if (args.has("bucketID")) return { bucket: args.string("bucketID") };
    throw invalid(
      `from: missing the name of a bucket`,
      `say which: from(bucket: "example-bucket")`,
    );
  },
});
