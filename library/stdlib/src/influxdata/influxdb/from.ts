import { invalid } from "@tocsin/data/value";
import { fromKind } from "@tocsin/engine/execute";
import { type Arguments, transformation } from "@tocsin/engine/interpret";
import type { BucketServer } from "@tocsin/engine/plan";

export const from = transformation({
  name: "from",
  type: `(
    ?bucket: string, ?bucketID: string, ?host: string, ?org: string, ?orgID: string, ?token: string,
  ) => stream[{A with _measurement: string, _field: string, _time: time, _value: B}]`,
  docs:
    "Reads a bucket. A call to `range` must follow: buckets are never read whole. `host` (with `org` and " +
    "`token`) names an InfluxDB 2 server; a bucket that is named from outside is read from there all the same.",
  kind: fromKind,
  inputs: () => [],
  spec: (args) => {
    const server = serverOf(args);
    if (args.has("bucket"))
      return { bucket: args.string("bucket"), ...(server === undefined ? {} : { server }) };
    if (args.has("bucketID") && server === undefined) return { bucket: args.string("bucketID") };
    throw invalid(
      `from: missing the name of a bucket`,
      `say which: from(bucket: "example-bucket")`,
    );
  },
});

/** The server that the call names. Without `host` it is the one that the bucket's name stands for. */
function serverOf(args: Arguments): BucketServer | undefined {
  const given = (name: string): string | undefined =>
    args.has(name) && args.string(name) !== "" ? args.string(name) : undefined;
  const [host, org, token] = [given("host"), given("org"), given("token")];
  if (host === undefined) return undefined;
  if (org === undefined && given("orgID") !== undefined) {
    throw invalid(
      "from: a server's organisation is given by its name",
      "write org: in the place of orgID:",
    );
  }
  return {
    host,
    ...(org === undefined ? {} : { org }),
    ...(token === undefined ? {} : { token }),
  };
}
