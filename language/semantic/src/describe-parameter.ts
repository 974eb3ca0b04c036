import type { Diagnostic, Edit, Parameter } from "@tocsin/language/syntax";

import type { World } from "./world.ts";

/** A parameter must have the name that the caller uses; renames it and all its uses. */
export function parameterName(
  world: World,
  { parameter, wanted }: { readonly parameter: Parameter; readonly wanted: string },
): Diagnostic {
  const { name, span } = parameter.key;
  const edits: Edit[] = [{ span, text: wanted }];
  for (const use of world.usesOf(parameter)) edits.push(world.replace(use, wanted));
  return {
    code: "E0226",
    severity: "error",
    span: parameter.span,
    message: `this parameter must be called \`${wanted}\`, found \`${name}\``,
    hint: "a function's parameters are filled in by their names",
    fix: { description: `rename \`${name}\` to \`${wanted}\``, edits },
  };
}
