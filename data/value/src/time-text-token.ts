/** A piece of a time layout: a field to read, or literal text. */
export type Token = {
  readonly kind:
    | "literal"
    | "year"
    | "shortYear"
    | "monthName"
    | "weekDayName"
    | "month"
    | "day"
    | "yearDay"
    | "hour"
    | "hour12"
    | "minute"
    | "second"
    | "half"
    | "zoneName"
    | "zoneOffset"
    | "fractionFixed"
    | "fractionOpen";
  readonly text: string;
};

// In order of preference at one place: a longer spelling stands before its prefix. `Jan` and `Mon`
// are literal when a lower-case letter follows (`Janet`), except as part of the long names.
const fieldPatterns: readonly (readonly [Token["kind"], RegExp])[] = [
  ["monthName", /January|Jan(?![a-z])/y],
  ["weekDayName", /Monday|Mon(?![a-z])/y],
  ["zoneName", /MST/y],
  ["yearDay", /002|__2/y],
  ["month", /01/y],
  ["day", /02/y],
  ["hour12", /03/y],
  ["minute", /04/y],
  ["second", /05/y],
  ["shortYear", /06/y],
  ["hour", /15/y],
  ["month", /1/y],
  ["year", /2006/y],
  ["day", /_2(?!006)|2/y],
  ["hour12", /3/y],
  ["minute", /4/y],
  ["second", /5/y],
  ["half", /PM|pm/y],
  ["zoneOffset", /-070000|-07:00:00|-0700|-07:00|-07/y],
  ["zoneOffset", /Z070000|Z07:00:00|Z0700|Z07:00|Z07/y],
  ["fractionFixed", /[.,]0+(?![0-9])/y],
  ["fractionOpen", /[.,]9+(?![0-9])/y],
];

/** The pieces of a layout, in order. */
export function layoutTokens(layout: string): readonly Token[] {
  const known = cache.get(layout);
  if (known !== undefined) return known;
  const tokens: Token[] = [];
  let literal = "";
  for (let at = 0; at < layout.length;) {
    const token = fieldAt(layout, at);
    if (token === undefined) {
      literal += layout[at++];
      continue;
    }
    if (literal !== "") tokens.push({ kind: "literal", text: literal });
    literal = "";
    tokens.push(token);
    at += token.text.length;
  }
  if (literal !== "") tokens.push({ kind: "literal", text: literal });
  if (cache.size >= cachedLayoutsMax) cache.clear();
  cache.set(layout, tokens);
  return tokens;
}

// Layouts come from column headers: few, but a server must not keep every one that it ever saw.
const cachedLayoutsMax = 64;
const cache = new Map<string, readonly Token[]>();

function fieldAt(layout: string, at: number): Token | undefined {
  for (const [kind, pattern] of fieldPatterns) {
    pattern.lastIndex = at;
    const match = pattern.exec(layout);
    if (match !== null) return { kind, text: match[0] };
  }
  return undefined;
}
