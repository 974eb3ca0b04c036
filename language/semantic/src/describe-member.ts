import type { Diagnostic, Edit, ImportDeclaration } from "@tocsin/language/syntax";

import { detail } from "./describe-clash.ts";
import type { Finding } from "./finding.ts";
import { nearest } from "./near.ts";
import { importName } from "./statement.ts";
import { flatten, labelOf, resolve } from "./type.ts";
import type { Type } from "./type.ts";
import { list, name, say } from "./words.ts";
import type { World } from "./world.ts";

/** An import path that no package has; with the likeliest path, which is often only cut short. */
export function describeImport(world: World, node: ImportDeclaration): Diagnostic {
  const path = node.path.value;
  const paths = [...world.library.signatures.paths()];
  const last = path.slice(path.lastIndexOf("/") + 1);
  const endings = paths.filter((each) => each === last || each.endsWith(`/${last}`));
  const [ending] = endings;
  const base = {
    code: "E0202",
    severity: "error",
    span: node.path.span,
    message: `there is no package \`${path}\``,
  } as const;
  if (world.library.signatures.absent?.has(path) === true) {
    const message = `upstream's package \`${path}\` is not there in Tocsin`;
    return { ...base, message, hint: "docs/compatibility.md lists the packages that are missing" };
  }
  if (endings.length > 1) return { ...base, hint: `did you mean ${list(endings, "or")}?` };
  const near = ending === undefined ? nearest(path, paths) : { name: ending, sure: true };
  if (!near) return base;
  const hint = `did you mean \`${near.name}\`?`;
  if (!near.sure) return { ...base, hint };
  const edits = importAs(world, node, near.name);
  return { ...base, hint, fix: { description: `import "${near.name}"`, edits } };
}

/** Another path for an import; without an alias, what it is called follows the path. */
function importAs(world: World, node: ImportDeclaration, path: string): Edit[] {
  const edits: Edit[] = [{ span: node.path.span, text: `"${path}"` }];
  const called = path.slice(path.lastIndexOf("/") + 1);
  if (node.alias || called === importName(node)) return edits;
  for (const use of world.usesOfImport(node)) edits.push(world.replace(use, called));
  return edits;
}

/** `victorops.endpont`: a name that the package does not have. */
export function describePackageMember(
  world: World,
  finding: Extract<Finding, { kind: "package member" }>,
): Diagnostic {
  const { property, path } = finding;
  const names = world.library.names(path);
  const shown = names.filter((each) => !each.startsWith("_"));
  const near = nearest(property.name, property.name.startsWith("_") ? names : shown);
  const all = shown.length <= 8 ? `it has ${list(shown)}` : undefined;
  const hint = near ? `did you mean \`${near.name}\`?` : all;
  const edits = near?.sure ? [{ span: property.span, text: near.name }] : undefined;
  return {
    code: "E0203",
    severity: "error",
    span: property.span,
    message: `the package \`${path}\` has no \`${property.name}\``,
    ...(hint ? { hint } : {}),
    ...(edits && near ? { fix: { description: `write \`${near.name}\``, edits } } : {}),
  };
}

/** `r.name` where the record is known and has no such field, or where `r` is no record at all. */
export function describeMember(finding: Extract<Finding, { kind: "member" }>): Diagnostic {
  const { object, property, problems, node } = finding;
  const subject = name(node.object);
  if (object.kind !== "record") {
    return {
      code: "E0204",
      severity: "error",
      span: node.object.span,
      message: `only records have fields: ${subject} is ${say(object)}`,
      ...noRecordHint(object, property.name),
    };
  }
  const names = fieldNames(object);
  const near = nearest(property.name, names);
  const all = names.length > 0 && names.length <= 8 ? `it has ${list(names)}` : undefined;
  const hint = near ? `did you mean \`${near.name}\`?` : all;
  const missing = problems.some(({ clash }) => clash.kind === "missing field");
  const edits = near?.sure ? [{ span: property.span, text: near.name }] : undefined;
  return {
    code: "E0204",
    severity: "error",
    span: property.span,
    message: missing
      ? `${subject} has no field \`${property.name}\``
      : `${subject} cannot have a field \`${property.name}\`${detail(problems)}`,
    ...(hint ? { hint } : {}),
    ...(edits && near ? { fix: { description: `write \`${near.name}\``, edits } } : {}),
  };
}

function noRecordHint(object: Type, property: string): { hint?: string } {
  const target = resolve(object);
  if (target.kind === "stream") {
    const inRow = `\`r.${property}\` in \`map(fn: (r) => …)\``;
    return { hint: `a stream holds tables: take one row with \`findRecord()\`, or use ${inRow}` };
  }
  if (target.kind === "array") return { hint: "take one element first: `rows[0]`" };
  if (target.kind === "function") return { hint: "call the function first" };
  if (target.kind === "dict") return { hint: "use `dict.get()` of the package `dict`" };
  return {};
}

/** The names of a record's fields, as far as they are known. */
export function fieldNames(object: Type): string[] {
  const target = resolve(object);
  if (target.kind !== "record") return [];
  return flatten(target).fields.flatMap((field) => {
    const label = labelOf(field);
    return typeof label === "string" ? [label] : [];
  });
}
