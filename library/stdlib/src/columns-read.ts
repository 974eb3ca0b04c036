import type { FunctionValue } from "@tocsin/data/value";
import { keyName } from "@tocsin/language/syntax";

/** What a function does with one of its parameters, which is a record. */
export interface RecordUse {
  /** Fields that it names: `r.host`. */
  readonly fields: ReadonlySet<string>;
  /** It uses the record in another way too, and so may read any field. */
  readonly whole: boolean;
}

/** How a function uses each of the named parameters, seen from its text. */
export function recordUses<Name extends string>(
  fn: FunctionValue,
  parameters: readonly Name[],
): Readonly<Record<Name, RecordUse>> {
  const uses = Object.fromEntries(
    parameters.map((name) => [name, { fields: new Set(), whole: fn.form !== "closure" }]),
  ) as Record<Name, { fields: Set<string>; whole: boolean }>;
  if (fn.form === "closure") collect(fn.node.body, new Map(Object.entries(uses)));
  return uses;
}

type Uses = ReadonlyMap<string, { readonly fields: Set<string>; whole: boolean }>;

function collect(node: unknown, uses: Uses): void {
  if (Array.isArray(node)) return node.forEach((one) => collect(one, uses));
  if (typeof node !== "object" || node === null) return;
  if (isMember(node)) {
    const use = uses.get(node.object.name);
    if (use !== undefined) {
      use.fields.add(keyName(node.property));
      return;
    }
  }
  if (isIdentifier(node)) {
    const use = uses.get(node.name);
    if (use !== undefined) use.whole = true;
  }
  for (const part of Object.values(node)) collect(part, uses);
}

function isMember(node: object): node is {
  readonly object: { readonly name: string };
  readonly property: Parameters<typeof keyName>[0];
} {
  const { kind, object } = node as { kind?: unknown; object?: { kind?: unknown } };
  return kind === "MemberExpression" && object?.kind === "Identifier";
}

function isIdentifier(node: object): node is { readonly name: string } {
  return (node as { kind?: unknown }).kind === "Identifier";
}
