import { invalid } from "@tocsin/data/value";
import { type Definition, flux, native } from "@tocsin/engine/interpret";

/** One argument of a notification. */
interface NotifierPart {
  readonly name: string;
  /** A type expression. Without one the service takes what it is given, so any value will do. */
  readonly type?: string;
  /** What the type of any value must be able to do, where it must. */
  readonly kind?: "Equatable" | "Stringable";
  /** Flux text of the value when it is not given; without one it must be given. */
  readonly preset?: string;
  /** `mapFn` may leave it out. */
  readonly optional?: boolean;
}

/** A service that takes messages over HTTP. */
interface Notifier {
  /** The function that sends one message. */
  readonly single: { readonly name: string; readonly docs: string };
  /** What an endpoint of it does, for the reference. */
  readonly docs: string;
  /** What is the same for all messages of an endpoint. */
  readonly settings: readonly NotifierPart[];
  /** What a message is made of: arguments of the single function, fields of what `mapFn` gives. */
  readonly message: readonly NotifierPart[];
  /** Flux text: from the names of all parts to `{url, headers, data}`. */
  readonly request: string;
  /** Columns that the endpoint adds beside `_sent`. */
  readonly added?: readonly ("_status" | "_body")[];
}

/**
 * The members that a package needs to send messages: `_request` makes the request of one, the
 * single function sends it, and `endpoint` hands the request of each row to delivery.
 */
export function notifier(service: Notifier): readonly Definition[] {
  const { single, docs, settings, message, request, added = ["_status"] } = service;
  const all = withTypes([...settings, ...message]);
  const mapped = all.slice(settings.length).filter(isRequired);
  const given = all.map(({ name }) => `${name}: ${name}`).join(", ");
  return [
    complete,
    flux({
      name: "_request",
      type: `(${typesOf(all)}) => {url: string, headers: A, data: bytes}
        where ${["A: Record", ...kindsOf(all)].join(", ")}`,
      docs: "The request for one message.",
      source: `(${namesOf(all)}) => (${request})`,
    }),
    flux({
      name: single.name,
      type: `(${typesOf(all)}) => int ${whereOf(all)}`,
      docs: single.docs,
      source: `(${namesOf(all)}) => {
    asked = _request(${given})

    return delivery.send(url: asked.url, headers: asked.headers, data: asked.data).status
}`,
    }),
    flux({
      name: "endpoint",
      type: `(${typesOf(all.slice(0, settings.length))}) => (mapFn: (r: A) => {B with ${fieldTypes(mapped)}}) => (
        <-tables: stream[A],
      ) => stream[{A with ${["_sent", ...added].map((label) => `${label}: string`).join(", ")}}]
        ${whereOf([...all.slice(0, settings.length), ...mapped])}`,
      docs,
      source: `(${namesOf(settings)}) =>
    (mapFn) =>
        (tables=<-) =>
            tables
                |> delivery.deliver(
                    added: [${added.map((label) => `"${label}"`).join(", ")}],
                    fn: (r) => {
                        m = _complete(event: mapFn(r: r), fields: [${required(message)}])

                        return _request(${passed(settings, message)})
                    },
                )`,
    }),
  ];
}

/** The packages that the Flux of a notifier imports. */
export const notifierImports: readonly string[] = [
  "experimental/record",
  "json",
  "tocsin/delivery",
];

/** Names all that `mapFn` forgot at once. */
const complete = native({
  name: "_complete",
  type: "(event: A, fields: [string]) => A where A: Record",
  docs: "What `mapFn` made of a row, when it has all the fields that a message needs.",
  call: (args) => {
    const event = args.record("event");
    const missing = args.strings("fields").filter((name) => !event.fields.has(name));
    if (missing.length === 0) return event;
    throw invalid(
      `cannot make a message: mapFn's record has no ${missing.join(", ")}`,
      `it has ${event.fields.size === 0 ? "no fields" : [...event.fields.keys()].join(", ")}`,
    );
  },
});

type TypedPart = NotifierPart & { readonly type: string };

/** Gives each part that takes any value a type variable of its own; `A` and `B` are taken. */
function withTypes(parts: readonly NotifierPart[]): TypedPart[] {
  let free = "C".charCodeAt(0);
  return parts.map((one) => ({ ...one, type: one.type ?? String.fromCharCode(free++) }));
}

const kindsOf = (parts: readonly TypedPart[]): string[] =>
  parts.flatMap(({ type, kind }) => (kind === undefined ? [] : [`${type}: ${kind}`]));

function whereOf(parts: readonly TypedPart[]): string {
  const kinds = kindsOf(parts);
  return kinds.length === 0 ? "" : `where ${kinds.join(", ")}`;
}

const typesOf = (parts: readonly TypedPart[]): string =>
  parts.map((one) => `${one.preset === undefined ? "" : "?"}${one.name}: ${one.type}`).join(", ");

const namesOf = (parts: readonly NotifierPart[]): string =>
  parts
    .map((one) => (one.preset === undefined ? one.name : `${one.name}=${one.preset}`))
    .join(", ");

const isRequired = (one: NotifierPart): boolean => one.optional !== true;

const fieldTypes = (parts: readonly TypedPart[]): string =>
  parts.map(({ name, type }) => `${name}: ${type}`).join(", ");

const required = (parts: readonly NotifierPart[]): string =>
  parts
    .filter(isRequired)
    .map(({ name }) => `"${name}"`)
    .join(", ");

function passed(settings: readonly NotifierPart[], message: readonly NotifierPart[]): string {
  const own = settings.map(({ name }) => `${name}: ${name}`);
  const mapped = message.map((one) =>
    isRequired(one)
      ? `${one.name}: m.${one.name}`
      : `${one.name}: record.get(r: m, key: "${one.name}", default: ${one.preset ?? '""'})`,
  );
  return [...own, ...mapped].join(", ");
}
