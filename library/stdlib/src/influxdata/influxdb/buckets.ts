import { FluxError } from "@tocsin/data/value";
import { columnBuilder, EMPTY_KEY, tableFrom } from "@tocsin/data/column";
import type { SourceKind } from "@tocsin/engine/execute";
import { type Arguments, transformation } from "@tocsin/engine/interpret";
import type { BucketInfo } from "@tocsin/engine/plan";

/** A column of a table that has a row for each bucket. */
interface BucketColumn {
  readonly label: string;
  readonly kind: "string" | "int" | "bool";
  readonly cell: (bucket: BucketInfo) => string | bigint | boolean;
}

/** A source of one table: what scripts can read, as these columns tell it. */
export function bucketTable(
  name: string,
  columns: readonly BucketColumn[],
): SourceKind<Record<string, never>> {
  return {
    name,
    rowwise: false,
    source: true,
    open: (_, context) => ({
      run: async (push) => {
        const listed = await context.buckets.list();
        const made = columns.map(({ label, kind, cell }) => {
          const builder = columnBuilder(kind, listed.length);
          for (const bucket of listed) builder.append(cell(bucket));
          return { label, column: builder.finish() };
        });
        await push(tableFrom(EMPTY_KEY, made, { rows: listed.length }));
      },
    }),
  };
}

/** The arguments of such a source name a server, which none of them can list. */
export function noServer(args: Arguments, name: string): Record<string, never> {
  if (!args.has("host")) return {};
  throw new FluxError("unimplemented", `${name}: cannot list those of another server`, {
    hint: "leave out host, org and token: the buckets that scripts can read are listed then",
  });
}

/** A bucket is known by its name only, so that is its id. */
const bucketsKind = bucketTable("buckets", [
  { label: "name", kind: "string", cell: ({ name }) => name },
  { label: "id", kind: "string", cell: ({ name }) => name },
  { label: "organizationID", kind: "string", cell: () => "" },
  { label: "retentionPolicy", kind: "string", cell: () => "" },
  { label: "retentionPeriod", kind: "int", cell: ({ retention }) => retention },
]);

export const buckets = transformation({
  name: "buckets",
  type: `(?org: string, ?orgID: string, ?host: string, ?token: string) => stream[{
    name: string, id: string, organizationID: string, retentionPolicy: string, retentionPeriod: int,
  }]`,
  docs:
    "The buckets that scripts can read: those of the data folder and those that were named. A " +
    "bucket's `id` is its name; `retentionPeriod` is in nanoseconds, 0 for ever.",
  kind: bucketsKind,
  inputs: () => [],
  spec: (args) => noServer(args, "buckets"),
});
