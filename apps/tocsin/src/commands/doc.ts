import { shortened } from "@tocsin/platform/host";
import { choice, type Command, UsageError } from "../command.ts";
import { findDoc, type MemberDoc, type PackageDoc } from "../library-doc.ts";

/** The longest line of prose, in characters. */
const WIDTH = 88;

/** `tocsin doc`. */
export const command: Command = {
  summary: "Shows the documentation of a function, a constant or a package.",
  usage: "NAME",
  details: "Exit codes: 0 found; 1 there is no such name.",
  options: { output: { type: "string", value: "FORMAT", help: "text or json (default: text)" } },
  examples: ["tocsin doc filter", "tocsin doc victorops.endpoint", "tocsin doc monitor"],
  run: async (invocation) => {
    const { operands, streams } = invocation;
    const [name, ...more] = operands;
    if (name === undefined || more.length > 0)
      throw new UsageError("say one name: a function, a constant or a package");
    const format = choice(invocation, "output", ["text", "json"]);
    const { members, packages, near } = await findDoc(name);
    if (members.length + packages.length === 0) {
      const hint = near === undefined ? "" : `; did you mean ${near}?`;
      streams.err.write(`the library has no "${name}"${hint}\n`);
      return 1;
    }
    if (format === "json") {
      streams.out.write(`${JSON.stringify({ members, packages }, undefined, 2)}\n`);
      return 0;
    }
    // Of several members with one name the first is shown and the others are listed.
    const shown =
      packages.length > 0 ? packages.map(packageText) : members.slice(0, 1).map(memberText);
    const others = packages.length > 0 ? members : members.slice(1);
    if (others.length > 0) shown.push(`See also: ${others.map(otherName).join(", ")}\n`);
    streams.out.write(shown.join("\n"));
    return 0;
  },
};

/** A name, with its package where the name does not show it. */
function otherName({ name, import: path }: MemberDoc): string {
  const [of] = name.split(".");
  return path === undefined || path === of ? name : `${name} (${path})`;
}

function memberText(one: MemberDoc): string {
  const lines = [one.option ? `${one.name} (an option: scripts may set it)` : one.name, ""];
  if (one.import !== undefined) lines.push(`import "${one.import}"`, "");
  lines.push(...typeLines(one.type), "", ...wrapped(one.docs));
  if (one.example !== undefined)
    lines.push("", "Example:", ...one.example.split("\n").map((line) => `  ${line}`.trimEnd()));
  if (one.link !== undefined) lines.push("", one.link);
  return `${lines.join("\n")}\n`;
}

function packageText({ name, import: path, docs, members }: PackageDoc): string {
  const width = Math.max(...members.map((one) => one.name.length));
  const rows = members.map((one) => `  ${one.name.padEnd(width)}  ${firstSentence(one.docs)}`);
  const lines = [`package ${name}`, "", `import "${path}"`, "", ...wrapped(docs), "", ...rows];
  return `${lines.join("\n")}\n`;
}

/** A type; a long function type has a line for each parameter. */
function typeLines(type: string): string[] {
  if (type.length <= WIDTH || !type.startsWith("(")) return wrapped(type);
  const end = closingOf(type);
  const parameters = partsOf(type.slice(1, end));
  const opening = ["(", ...parameters.map((one) => `    ${one},`)];
  const rest = type.slice(end);
  if (rest.length <= WIDTH || !rest.startsWith(") => (")) return [...opening, rest];
  const [first, ...more] = typeLines(rest.slice(5));
  return [...opening, `) => ${first}`, ...more];
}

/** Where the parenthesis that begins the text is closed. */
function closingOf(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if ("([{".includes(text[at])) depth += 1;
    if (")]}".includes(text[at])) depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}

/** The parts of a list, separated by the commas outside brackets. */
function partsOf(list: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const sign of list) {
    if ("([{".includes(sign)) depth += 1;
    if (")]}".includes(sign)) depth -= 1;
    if (sign === "," && depth === 0) {
      parts.push(part.trim());
      part = "";
    } else part += sign;
  }
  return [...parts, part.trim()].filter((one) => one !== "");
}

function wrapped(prose: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of prose.split(/\s+/u)) {
    if (line !== "" && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function firstSentence(docs: string): string {
  const end = docs.search(/[.:](?:\s|$)/u);
  return shortened(end < 0 ? docs : docs.slice(0, end), WIDTH);
}
