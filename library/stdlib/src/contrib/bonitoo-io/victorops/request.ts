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

const needed = [
  "messageType",
  "entityID",
  "entityDisplayName",
  "stateMessage",
  "timestamp",
] as const;

const headers = record({ "Content-Type": string("application/json") });

/** From an event as scripts write it to the request that On-Call's REST endpoint takes. */
export const request = native({
  name: "_request",
  type: `(url: string, monitoringTool: string, event: A) => {url: string, headers: {"Content-Type": string}, data: string}
    where A: Record`,
  docs:
    "The request for one event. `event` has messageType, entityID, entityDisplayName, stateMessage, timestamp " +
    "(a time, or an int of nanoseconds) and perhaps monitoringTool, which wins over the argument.",
  call: (args) => {
    const event = args.record("event");
    complain(event);
    const fields = new Map<string, Value>([["url", string(args.string("url"))]]);
    fields.set("headers", headers);
    fields.set("data", string(wellFormed(bodyOf(event, args))));
    return { kind: "record", fields };
  },
});

/** As it reads when it was sent: half a surrogate pair cannot be. */
function wellFormed(text: string): string {
  return /[\ud800-\udfff]/.test(text) ? utf8.decode(utf8.encode(text)) : text;
}

/** Names all the fields that are missing or have no value at once. */
function complain(event: RecordValue): void {
  let complete = true;
  for (const name of needed) if ((event.fields.get(name) ?? NULL).kind === "null") complete = false;
  if (complete) return;
  const missing = needed.filter((name) => !event.fields.has(name));
  const empty = needed.filter((name) => event.fields.get(name)?.kind === "null");
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
  const own = event.fields.get("monitoringTool");
  const tool = own?.kind === "string" ? own.value : args.string("monitoringTool");
  return (
    `{"entity_display_name":${jsonString(text(event, "entityDisplayName"))}` +
    `,"entity_id":${jsonString(text(event, "entityID"))}` +
    `,"message_type":${jsonString(text(event, "messageType"))}` +
    `,"monitoring_tool":${jsonString(tool)}` +
    `,"state_message":${jsonString(text(event, "stateMessage"))}` +
    `,"state_start_time":${seconds(event.fields.get("timestamp"))}}`
  );
}

function text(event: RecordValue, name: string): string {
  const value = event.fields.get(name);
  if (value?.kind === "string") return value.value;
  const found = value === undefined ? "nothing" : kindName(value);
  throw new FluxError(
    "invalid",
    `cannot make an On-Call event: ${name} should be a string, but is ${found}`,
  );
}

/** Whole seconds since the epoch, from a time or from nanoseconds. */
function seconds(value: Value | undefined): bigint {
  switch (value?.kind) {
    case "time":
    case "int":
    case "uint":
      return BigInt.asUintN(64, value.value) / 1_000_000_000n;
    case "float":
      return BigInt(Math.trunc(value.value)) / 1_000_000_000n;
    default: {
      const found = value === undefined ? "nothing" : kindName(value);
      const message = `cannot make an On-Call event: timestamp should be a time or an int of nanoseconds, but is ${found}`;
      throw new FluxError("invalid", message);
    }
  }
}
