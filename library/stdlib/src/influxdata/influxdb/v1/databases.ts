import { transformation } from "@tocsin/engine/interpret";
import { bucketTable, noServer } from "../buckets.ts";

const databasesKind = bucketTable("v1.databases", [
  { label: "organizationID", kind: "string", cell: () => "" },
  { label: "databaseName", kind: "string", cell: ({ name }) => mapped(name).database },
  { label: "retentionPolicy", kind: "string", cell: ({ name }) => mapped(name).policy },
  { label: "retentionPeriod", kind: "int", cell: ({ retention }) => retention },
  { label: "default", kind: "bool", cell: ({ name }) => !name.includes("/") },
  { label: "bucketID", kind: "string", cell: ({ name }) => name },
]);

/** The database and retention policy that InfluxDB 2 sees in a bucket's name. */
function mapped(name: string): { database: string; policy: string } {
  const slash = name.indexOf("/");
  if (slash < 0) return { database: name, policy: "autogen" };
  return { database: name.slice(0, slash), policy: name.slice(slash + 1) };
}

export const databases = transformation({
  name: "databases",
  type: `(?org: string, ?orgID: string, ?host: string, ?token: string) => stream[{
    organizationID: string, databaseName: string, retentionPolicy: string, retentionPeriod: int,
    default: bool, bucketID: string,
  }]`,
  docs:
    "The buckets that scripts can read as databases of InfluxDB 1: the bucket `db/rp` is the retention policy `rp` of the " +
    "database `db`, any other one is the policy `autogen`, and the default, of a database of its name. " +
    "`retentionPeriod` is in nanoseconds, 0 for ever.",
  kind: databasesKind,
  inputs: () => [],
  spec: (args) => noServer(args, "v1.databases"),
});
