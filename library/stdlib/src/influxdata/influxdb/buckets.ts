import { FluxError } from "@tocsin/data/value";
import { columnBuilder, EMPTY_KEY, tableFrom } from "@tocsin/data/column";
import type { SourceKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import type { BucketInfo } from "@tocsin/engine/plan";

/** The columns of the answer. A bucket is known by its name only, so that is its id. */
const columns: readonly {
  readonly label: string;
  readonly kind: "string" | "int";
  readonly cell: (bucket: BucketInfo) => string | bigint;
}[] = [
  { label: "name", kind: "string", cell: ({ name }) => name },
  { label: "id", kind: "string", cell: ({ name }) => name },
  { label: "organizationID", kind: "string", cell: () => "" },
  { label: "retentionPolicy", kind: "string", cell: () => "" },
  { label: "retentionPeriod", kind: "int", cell: ({ retention }) => retention },
];

const bucketsKind: SourceKind<Record<string, never>> = {
  name: "buckets",
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
  spec: (args) => {
    if (!args.has("host")) return {};
    throw new FluxError("unimplemented", "buckets: cannot list those of another server", {
      hint: "leave out host, org and token: the buckets that scripts can read are listed then",
    });
  },
});
