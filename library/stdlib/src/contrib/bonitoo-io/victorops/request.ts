import {
  FluxError,
  jsonString,
  kindName,
  NULL,
  record,
  type RecordValue,
  string,
  type Value,
} from "@tocsin/data/value";
import { utf8 } from "@tocsin/platform/host";
import { type Arguments, native } from "@tocsin/engine/interpret";
import { jsonText } from "../../../json/encode.ts";

const needed = [
  "messageType",
  "entityID",
  "entityDisplayName",
  "stateMessage",
  "timestamp",
] as const;

/** Fields that may be null: a page that lacks a text is better than none. */
const mayBeNull: ReadonlySet<string> = new Set(["entityID", "entityDisplayName", "stateMessage"]);

const headers = record({ "Content-Type": string("application/json") });

/** The request that On-Call's REST endpoint takes, made of an event as scripts write it. */
export const request = native({
  name: "_request",
  type: `(url: string, monitoringTool: string, event: A) => {url: string, headers: {"Content-Type": string}, data: string}
    where A: Record`,
  docs:
    "The request for one event. `event` has messageType, entityID, entityDisplayName, stateMessage, timestamp " +
    "(a time, or an int of nanoseconds) and perhaps monitoringTool, which wins over the argument.",
  call: (args) => {
    const event = args.record("event");
    checkFields(event);
    const fields = new Map<string, Value>([["url", string(args.string("url"))]]);
    fields.set("headers", headers);
    fields.set("data", string(wellFormed(bodyOf(event, args))));
    return { kind: "record", fields };
  },
});

/** The text without halves of surrogate pairs, which cannot be sent. */
function wellFormed(text: string): string {
  return /[\ud800-\udfff]/.test(text) ? utf8.decode(utf8.encode(text)) : text;
}

/** Throws where fields are missing, or are null and must not be; the error names all of them. */
function checkFields(event: RecordValue): void {
  let complete = true;
  for (const name of needed) {
    const kind = event.fields.get(name)?.kind;
    if (kind === undefined || (kind === "null" && !mayBeNull.has(name))) complete = false;
  }
  if (complete) return;
  const missing = needed.filter((name) => !event.fields.has(name));
  const empty = needed.filter(
    (name) => event.fields.get(name)?.kind === "null" && !mayBeNull.has(name),
  );
  const said = [
    ...(missing.length === 0 ? [] : [`mapFn's record has no ${missing.join(", ")}`]),
    ...(empty.length === 0
      ? []
      : [`${empty.join(", ")} ${empty.length === 1 ? "has" : "have"} no value (null)`]),
  ];
  throw new FluxError("invalid", `cannot make an On-Call event: ${said.join("; ")}`);
}

/** Keys in the order in which upstream sends them. */
function bodyOf(event: RecordValue, args: Arguments): string {
  const own = event.fields.get("monitoringTool") ?? NULL;
  const tool = own.kind === "null" ? jsonString(args.string("monitoringTool")) : jsonText(own);
  return (
    `{"entity_display_name":${encoded(event, "entityDisplayName")}` +
    `,"entity_id":${encoded(event, "entityID")}` +
    `,"message_type":${encoded(event, "messageType")}` +
    `,"monitoring_tool":${tool}` +
    `,"state_message":${encoded(event, "stateMessage")}` +
    `,"state_start_time":${seconds(event.fields.get("timestamp"))}}`
  );
}

/** A field as JSON, whatever its type, as upstream sends it. */
function encoded(event: RecordValue, name: string): string {
  return jsonText(event.fields.get(name) ?? NULL);
}

/** Whole seconds since the epoch, from a time or from nanoseconds. */
function seconds(value: Value | undefined): bigint {
  switch (value?.kind) {
    case "time":
    case "int":
    case "uint":
      return BigInt.asUintN(64, value.value) / 1_000_000_000n;
    case "float":
      if (Number.isFinite(value.value)) return BigInt(Math.trunc(value.value)) / 1_000_000_000n;
      throw new FluxError(
        "invalid",
        `cannot make an On-Call event: timestamp is ${value.value}, and no moment`,
      );
    default: {
      const found = value === undefined ? "nothing" : kindName(value);
      const message = `cannot make an On-Call event: timestamp should be a time or an int of nanoseconds, but is ${found}`;
      throw new FluxError("invalid", message);
    }
  }
}
