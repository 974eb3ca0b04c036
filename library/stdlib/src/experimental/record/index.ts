import { invalid, kindName, record } from "@tocsin/data/value";
import { constant, definePackage, native } from "@tocsin/engine/interpret";

const any = constant({
  name: "any",
  type: "A where A: Record",
  docs: "A record without fields whose type is any record: what to start from when nothing is known yet.",
  value: record({}),
});

const get = native({
  name: "get",
  type: "(r: A, key: string, default: B) => B where A: Record",
  docs: "The field of `r` called `key`, or `default` when `r` has none.",
  example: `import "array"
import "experimental/record"
array.from(rows: [{level: record.get(r: {host: "a"}, key: "level", default: "ok")}])`,
  call: (args) => {
    const r = args.value("r");
    if (r.kind !== "record")
      throw invalid(`record.get: r should be a record, but is ${kindName(r)}`);
    return r.fields.get(args.string("key")) ?? args.value("default");
  },
});

export const packageDefinition = definePackage({
  path: "experimental/record",
  docs: "Works with records whose fields are known only at run time.",
  members: [any, get],
});
