import { FluxError, int, invalid, record, type RecordValue, string } from "@tocsin/data/value";
import { deliverKind, type DeliverSpec } from "@tocsin/engine/execute";
import { definePackage, native, transformation } from "@tocsin/engine/interpret";
import { utf8 } from "@tocsin/platform/host";

const deliver = transformation({
  name: "deliver",
  type: `(
    <-tables: stream[A], fn: (r: A) => B, ?integration: string, ?sentWhen: string, ?added: [string],
  ) => stream[{A with _sent: string}] where A: Record, B: Record`,
  docs:
    "Hands the request that `fn` makes of each row to delivery and passes the row on with `_sent` and what " +
    "`added` names (`_status`, `_body`). `fn` returns `{url, headers, data}`, and optionally `method` and " +
    "`columns`, a record of strings to add. What endpoints are made of.",
  kind: deliverKind,
  spec: (args): DeliverSpec => ({
    request: args.func("fn"),
    integration: args.has("integration") ? args.string("integration") : undefined,
    sentWhen: args.string("sentWhen", "2xx") === "200" ? "200" : "2xx",
    added: args.strings("added", ["_status"]).map((label) => {
      if (label === "_status" || label === "_body") return label;
      throw invalid(`deliver: cannot add a column "${label}"`);
    }),
  }),
});

const send = native({
  name: "send",
  type: `(
    url: string, headers: A, data: B, ?integration: string, ?method: string,
  ) => {status: int, body: string} where A: Record`,
  docs:
    "Hands one request to delivery and waits until it is settled. Gives the last HTTP status, 0 when no " +
    "answer came, and the answer's text. What single-message functions are made of.",
  effect: "acts",
  call: async (args, run, { at }) => {
    const data = args.value("data");
    const line = at?.file.text.slice(0, at.start).split("\n").length;
    const [dispatch] = await run.deliveries.deliver([
      {
        method: args.string("method", "POST"),
        url: args.string("url"),
        headers: headersOf(args.record("headers")),
        body: data.kind === "bytes" ? data.value : args.string("data"),
        ...(args.has("integration") ? { integration: args.string("integration") } : {}),
        ...(line === undefined ? {} : { line }),
      },
    ]);
    const { status, answer, state, detail } = await dispatch.settled;
    if (state === "failed") throw new FluxError("unavailable", detail);
    return record({
      status: int(BigInt(status === "" ? 0 : status)),
      body: string(answer === undefined ? "" : utf8.decode(answer.body)),
    });
  },
});

function headersOf(record: RecordValue): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of record.fields) {
    if (value.kind !== "string") throw invalid(`header value "${name}" must be a string`);
    headers[name] = value.value;
  }
  return headers;
}

export const packageDefinition = definePackage({
  path: "tocsin/delivery",
  docs: "What endpoints are built on: the only way from a script to the outside.",
  members: [deliver, send],
});
