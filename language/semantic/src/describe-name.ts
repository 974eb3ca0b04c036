import type {
  Diagnostic,
  Edit,
  Fix,
  FunctionExpression,
  Identifier,
  Label,
} from "@tocsin/language/syntax";

import type { UndefinedUse } from "./finding.ts";
import { nearest } from "./near.ts";
import type { Definition, Scope } from "./scope.ts";
import { resolve } from "./type.ts";
import { list } from "./words.ts";
import { parameterName } from "./describe-parameter.ts";
import type { World } from "./world.ts";

/** What may have been meant by an undefined name, seen from one use of it. */
type Advice = {
  /** Uses with the same key are one mistake. */
  readonly key: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly labels?: readonly Label[];
  /** The certain mend of this use. */
  readonly edits?: readonly Edit[] | undefined;
  readonly does?: string;
};

/** One diagnostic for each undefined name, however often it is used. */
export function describeUndefined(world: World, uses: readonly UndefinedUse[]): Diagnostic[] {
  const groups = new Map<string, { use: UndefinedUse; advice: Advice }[]>();
  const rest: Diagnostic[] = [];
  for (const use of uses) {
    const renaming = misnamedRow(world, use);
    if (renaming) {
      rest.push(renaming);
      continue;
    }
    const advice = advise(world, use);
    const key = `${use.identifier.name} ${advice.key}`;
    const group = groups.get(key);
    if (group) group.push({ use, advice });
    else groups.set(key, [{ use, advice }]);
  }
  for (const group of groups.values()) rest.push(toDiagnostic(group));
  return rest;
}

/** How many further uses of an undefined name are pointed at. */
const shownUses = 10;

function toDiagnostic(group: readonly { use: UndefinedUse; advice: Advice }[]): Diagnostic {
  const [{ use, advice }, ...others] = group;
  const labels: Label[] = [...(advice.labels ?? [])];
  const more = others.length - shownUses;
  for (const [at, { use: other }] of others.slice(0, shownUses).entries()) {
    const text = more > 0 && at === shownUses - 1 ? `also here, and ${more} more` : "also here";
    labels.push({ span: other.identifier.span, text });
  }
  const edits = new Map<string, Edit>();
  for (const { advice: each } of group) {
    for (const edit of each.edits ?? []) edits.set(`${edit.span.start} ${edit.text}`, edit);
  }
  const certain = group.every((each) => each.advice.edits !== undefined);
  const fix: Fix | undefined = certain
    ? { ...(advice.does ? { description: advice.does } : {}), edits: [...edits.values()] }
    : undefined;
  return {
    code: advice.code,
    severity: "error",
    span: use.identifier.span,
    message: advice.message,
    ...(labels.length > 0 ? { labels } : {}),
    ...(advice.hint ? { hint: advice.hint } : {}),
    ...(fix ? { fix } : {}),
  };
}

/** `(row) => r._value`: the parameter has the wrong name, not its use. */
function misnamedRow(world: World, { identifier, scope }: UndefinedUse): Diagnostic | undefined {
  if (identifier.name !== "r") return undefined;
  const owner = enclosing(scope).find((each) => each.parameters.length === 1);
  const [parameter] = owner?.parameters ?? [];
  if (!owner || !parameter || parameter.pipe || parameter.default) return undefined;
  return parameterName(world, { parameter, wanted: "r" });
}

function advise(world: World, use: UndefinedUse): Advice {
  return (
    rowOutside(world, use) ??
    wordOfAnotherLanguage(use) ??
    missingImport(world, use) ??
    nearName(world, use, true) ??
    rowField(world, use) ??
    nearName(world, use, false) ??
    setFromOutside(use) ??
    definedLater(use) ??
    memberOfPackage(world, use) ??
    nothing(use)
  );
}

/** `r` where no row function is: a record that was found before is the only row there is. */
function rowOutside(world: World, use: UndefinedUse): Advice | undefined {
  const { identifier } = use;
  if (identifier.name !== "r") return undefined;
  const message = "`r` is a row, and there is none here: only functions like `(r) => …` have one";
  const records = earlier(use).filter((each) => isRow(each));
  const [only] = records;
  if (!only) {
    const hint = "inside of `map(fn: (r) => …)` or `filter(fn: (r) => …)` it is known";
    return { key: "row", code: "E0229", message, hint };
  }
  if (records.length > 1) {
    const hint = `one of the records ${list(names(records), "or")} may be meant`;
    return { key: "row", code: "E0229", message, hint };
  }
  return {
    key: "row",
    code: "E0229",
    message,
    hint: `the record \`${only.name}\` holds the row that was found`,
    labels: only.span ? [{ span: only.span, text: "a record" }] : [],
    edits: [world.replace(identifier, only.name)],
    does: `use \`${only.name}\``,
  };
}

/** A variable that holds a record: also one whose fields nobody knows yet. */
function isRow(definition: Definition): boolean {
  return definition.kind === "variable" && resolve(definition.type).kind === "record";
}

function wordOfAnotherLanguage({ identifier }: UndefinedUse): Advice | undefined {
  const { name, span } = identifier;
  if (/^(null|nil|none|undefined)$/i.test(name)) {
    return {
      key: "null",
      code: "E0201",
      message: `Flux has no \`${name}\``,
      hint: "a missing value is tested with `exists r.field`; a field without a value is left out",
    };
  }
  if (/^(true|false)$/i.test(name)) {
    const text = name.toLowerCase();
    const edits = [{ span, text }];
    return { key: "case", code: "E0201", message: `\`${name}\` is written \`${text}\``, edits };
  }
  const known = Object.hasOwn(elsewhere, name.toLowerCase())
    ? elsewhere[name.toLowerCase()]
    : undefined;
  if (known === undefined) return undefined;
  const message = `Flux has no \`${name}\``;
  const edits = known.write === undefined ? undefined : [{ span, text: known.write }];
  return {
    key: "elsewhere",
    code: "E0201",
    message,
    hint: known.hint,
    edits,
    does: `write \`${known.write}\``,
  };
}

/** What other languages call something, and how it is done here. */
const elsewhere: Readonly<Record<string, { readonly hint: string; readonly write?: string }>> = {
  avg: { hint: "the mean is `mean`", write: "mean" },
  average: { hint: "the mean is `mean`", write: "mean" },
  percentile: { hint: "use `quantile(q: 0.99)`" },
  case: { hint: "a choice is `if … then … else …`" },
  len: { hint: "use `length(arr: …)` for an array, `strings.strlen(v: …)` for a string" },
  str: { hint: "use `string(v: …)`", write: "string" },
  tostr: { hint: "use `string(v: …)`", write: "string" },
  print: {
    hint: "a result is shown by its name on a line of its own; `display(v: …)` makes text of anything",
  },
  where: { hint: "rows are chosen with `filter(fn: (r) => …)`" },
  select: {
    hint: "rows are chosen with `filter(fn: (r) => …)`, columns with `keep(columns: […])`",
  },
  groupby: { hint: "use `group(columns: […])`" },
};

/** The name of a package that is not imported, before a dot. */
function missingImport(world: World, use: UndefinedUse): Advice | undefined {
  const { identifier, member } = use;
  if (member === undefined) return undefined;
  const { name } = identifier;
  const { signatures } = world.library;
  const paths = [...signatures.paths()].filter((path) => lastPart(path) === name);
  const having = paths.filter((path) => world.library.value(path, member) !== undefined);
  const likely = having.length > 0 ? having : paths;
  const [path] = likely;
  if (path === undefined) return undefined;
  const aliased = world.file.imports.find((each) => each.alias && likely.includes(each.path.value));
  if (aliased?.alias) return underAlias(world, identifier, aliased.alias);
  const message = `the package \`${name}\` is not imported`;
  if (likely.length > 1) {
    const hint = `import ${list(likely, "or")}`;
    return { key: "import", code: "E0201", message, hint };
  }
  const hint = `add \`import "${path}"\` at the top`;
  const edits = having.length === 1 ? [world.importEdit(path)] : undefined;
  return { key: "import", code: "E0201", message, hint, edits, does: `import "${path}"` };
}

/** `import vo "…/victorops"`, and then `victorops.alert(…)`. */
function underAlias(world: World, identifier: Identifier, alias: Identifier): Advice {
  return {
    key: "alias",
    code: "E0201",
    message: `nothing is called \`${identifier.name}\` here: that package is imported as \`${alias.name}\``,
    hint: `write \`${alias.name}\``,
    labels: [{ span: alias.span, text: "its name here" }],
    edits: [world.replace(identifier, alias.name)],
    does: `write \`${alias.name}\``,
  };
}

/** A slip of a name that is known here. */
function nearName(world: World, use: UndefinedUse, sure: boolean): Advice | undefined {
  const { identifier } = use;
  if (identifier.name.startsWith("_")) return undefined;
  const known = [...names(earlier(use)), ...world.library.preludeNames()];
  const near = nearest(identifier.name, known);
  if (!near || (sure && !near.sure)) return undefined;
  const definition = use.scope.find(near.name);
  const advice = {
    key: "near",
    code: "E0201",
    message: `nothing is called \`${identifier.name}\` here`,
    hint: `did you mean \`${near.name}\`?`,
    labels: definition?.span ? [{ span: definition.span, text: "this is known" }] : [],
  };
  if (!near.sure) return advice;
  const edits = [world.replace(identifier, near.name)];
  return { ...advice, edits, does: `write \`${near.name}\`` };
}

/** A bare name in a row function: a column of the row. */
function rowField(world: World, use: UndefinedUse): Advice | undefined {
  const { identifier, scope, called, member } = use;
  if (called || (member !== undefined && !identifier.name.startsWith("_"))) return undefined;
  const row = rowParameter(scope);
  if (!row) return undefined;
  const { name } = identifier;
  return {
    key: `row ${row.name} ${row.span?.start}`,
    code: "E0228",
    message: `nothing is called \`${name}\` here; a column of the row is \`${row.name}.${name}\``,
    labels: row.span ? [{ span: row.span, text: "the row" }] : [],
    hint: isText(world, use)
      ? `a column of the row is \`${row.name}.${name}\`; a text stands in quotes, \`"${name}"\``
      : `write \`${row.name}.${name}\``,
    edits: isColumn(world, use) ? [world.replace(identifier, `${row.name}.${name}`)] : undefined,
    does: `write \`${row.name}.${name}\``,
  };
}

/** Whether a bare name is a column for sure: not beside nonsense, and not compared with another. */
function isColumn({ source }: World, { identifier }: UndefinedUse): boolean {
  const before = textBefore(source, identifier).trimEnd();
  const after = source.text.slice(identifier.span.end);
  const beside = /^\s*(?:["']|(?!(?:and|or|then|else)\b)[a-z_])/iu.test(after);
  return !beside && !/[=!<>]=$|=~$|!~$|[^|=]>$|<$/u.test(before);
}

/** `r.host == web`: what a column is compared with may be a text that lacks its quotes. */
function isText({ source }: World, { identifier }: UndefinedUse): boolean {
  return /[=!]=\s*$/u.test(textBefore(source, identifier));
}

/** What stands close before a name: of a whole file each name would look at all before it. */
function textBefore(source: World["source"], { span }: UndefinedUse["identifier"]): string {
  return source.text.slice(Math.max(0, span.start - 200), span.start);
}

/** The innermost parameter that is a row: called `r`, or a record that nothing else is beside. */
function rowParameter(scope: Scope): Definition | undefined {
  for (const owner of enclosing(scope)) {
    const required = owner.parameters.filter((each) => !each.pipe && !each.default);
    const named = required.find((each) => each.key.name === "r");
    const only = required.length === 1 && owner.parameters.length === 1 ? required[0] : undefined;
    const definition = scope.find((named ?? only)?.key.name ?? "");
    if (definition?.kind !== "parameter") continue;
    if (named || resolve(definition.type).kind === "record") return definition;
  }
  return undefined;
}

function setFromOutside({ identifier }: UndefinedUse): Advice | undefined {
  const { name } = identifier;
  if (name !== "v") return undefined;
  return {
    key: "outside",
    code: "E0201",
    message: `\`${name}\` is set by InfluxDB's editor and is not known outside of it`,
    hint: "set it on the command line: `--define v.timeRangeStart=-1h`",
  };
}

function definedLater(use: UndefinedUse): Advice | undefined {
  const later = use.scope.find(use.identifier.name);
  if (!later?.span) return undefined;
  const inItself = later.node && "value" in later.node && within(use, later.node.value.span);
  return {
    key: "later",
    code: "E0201",
    message: inItself
      ? `\`${later.name}\` is used in its own definition: Flux has no recursion`
      : `\`${later.name}\` is used before it is defined`,
    labels: [{ span: later.span, text: "defined here" }],
    hint: inItself ? undefined : "move the definition up: Flux reads a script from top to bottom",
  };
}

function memberOfPackage(world: World, { identifier }: UndefinedUse): Advice | undefined {
  const { name } = identifier;
  const found: string[] = [];
  for (const path of world.library.signatures.paths()) {
    if (world.library.value(path, name) !== undefined) found.push(path);
  }
  if (found.length === 0) return undefined;
  const [path] = found;
  const places = list(found.slice(0, 4), "or");
  const written = found.length === 1 ? `${lastPart(path)}.${name}` : `….${name}`;
  return {
    key: "package",
    code: "E0201",
    message: `nothing is called \`${name}\` here`,
    hint: `import ${places} and write \`${written}\``,
  };
}

function nothing({ identifier, called }: UndefinedUse): Advice {
  const { name } = identifier;
  const isSecret = /(key|token|secret|password)$/i.test(name);
  const value = isSecret ? 'secrets.get(key: "…")' : called ? "(…) => …" : "…";
  return {
    key: "",
    code: "E0201",
    message: `nothing is called \`${name}\` here`,
    hint: `define it above: \`${name} = ${value}\``,
  };
}

function enclosing(scope: Scope): FunctionExpression[] {
  const found: FunctionExpression[] = [];
  for (let each: Scope | undefined = scope; each; each = each.parent) {
    if (each.function) found.push(each.function);
  }
  return found;
}

/** What the script had defined before the place of a use. */
function earlier({ scope, identifier }: UndefinedUse): Definition[] {
  return [...scope.visible()].filter(
    (each) =>
      !each.span ||
      (each.span.start < identifier.span.start &&
        !(each.node && "value" in each.node && within({ identifier }, each.node.span))),
  );
}

function within(use: Pick<UndefinedUse, "identifier">, span: { start: number; end: number }) {
  const { start } = use.identifier.span;
  return span.start <= start && start < span.end;
}

function names(definitions: readonly Definition[]): string[] {
  return definitions.map((each) => each.name);
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
