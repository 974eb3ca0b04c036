import { FluxError, invalid } from "@tocsin/data/value";
import type { Arguments } from "@tocsin/engine/interpret";

/** Parameters of functions that write, which all name a bucket in the same way. */
export const bucketParameters =
  "?bucket: string, ?bucketID: string, ?host: string, ?org: string, ?orgID: string, ?token: string";

/** The bucket that a call writes to. */
export function writtenBucket(args: Arguments): string {
  if (args.has("host")) {
    throw new FluxError("unimplemented", `${args.function}: cannot write to another server`, {
      hint: "leave out host, org and token: the bucket is then written in the data folder",
    });
  }
  if (args.has("bucket") && args.has("bucketID")) {
    throw invalid(
      `cannot provide both \`bucket\` and \`bucketID\` parameters to the \`${args.function}\` function`,
    );
  }
  if (args.has("bucket")) return args.string("bucket");
  if (args.has("bucketID")) return args.string("bucketID");
  throw invalid(
    `${args.function}: missing the name of a bucket`,
    `say which: ${args.function}(bucket: "example-bucket")`,
  );
}
