import { invalid, jsonString, parseJson, string } from "@tocsin/data/value";
import { type Arguments, native } from "@tocsin/engine/interpret";

const responderKinds = ["user", "team", "escalation", "schedule"];

export const respondersToJSON = native({
  name: "respondersToJSON",
  type: "(v: [string]) => string",
  docs: "Responders such as `user:name` and `team:name` as the JSON that Opsgenie takes.",
  example: `import "array"
import "contrib/sranka/opsgenie"
array.from(rows: [{json: opsgenie.respondersToJSON(v: ["user:a@example.com", "team:ops"])}])`,
  call: (args) => string(respondersText(args.strings("v"))),
});

function respondersText(responders: readonly string[]): string {
  const texts = responders.map((responder) => {
    const at = responder.indexOf(":");
    const kind = responder.slice(0, at);
    if (!responderKinds.includes(kind)) {
      throw invalid(
        `unsupported responder "${responder}", it must start with one of ['user:','team:','escalation:','schedule:']`,
      );
    }
    const name = kind === "user" ? "username" : "name";
    return `{"type":"${kind}","${name}":${jsonString(responder.slice(at + 1))}}`;
  });
  return `[${texts.join(",")}]`;
}

/** How many characters Opsgenie takes. */
const limits = { message: 130, alias: 512, description: 15_000, entity: 512, priority: 2 };

/** One alert as Opsgenie's API takes it. */
export const alertText = native({
  name: "_alert",
  type: `(
    message: string, alias: string, description: string, responders: [string], visibleTo: [string], actions: [string],
    tags: [string], details: string, entity: string, priority: string,
  ) => string`,
  docs:
    "The JSON of one alert: texts are cut at what Opsgenie takes; the alias is the message when " +
    "there is none.",
  call: (args) => {
    const message = args.string("message");
    const alias = args.string("alias");
    const pairs = [
      ["message", cut(message, limits.message)],
      ["alias", cut(alias === "" ? message : alias, limits.alias)],
      ["description", cut(args.string("description"), limits.description)],
      ["responders", respondersText(args.strings("responders"))],
      ["visibleTo", respondersText(args.strings("visibleTo"))],
      ["actions", listText(args.strings("actions"))],
      ["tags", listText(args.strings("tags"))],
      ["details", detailsText(args)],
      ["entity", cut(args.string("entity"), limits.entity)],
      ["priority", cut(args.string("priority"), limits.priority)],
    ];
    return string(`{${pairs.map(([name, json]) => `"${name}":${json}`).join(",")}}`);
  },
});

/** Characters are counted as strings.substring counts them. */
const cut = (text: string, limit: number): string => jsonString([...text].slice(0, limit).join(""));

const listText = (texts: readonly string[]): string => `[${texts.map(jsonString).join(",")}]`;

/** `details` is JSON already; what is none would break the whole alert. */
function detailsText(args: Arguments): string {
  const details = args.string("details");
  const parsed = parseJson(details);
  if ("reason" in parsed) {
    throw invalid(
      `cannot make a message: details is not JSON: ${parsed.reason}`,
      "give the JSON of an object, for example string(v: json.encode(v: {host: r.host}))",
    );
  }
  return details;
}
