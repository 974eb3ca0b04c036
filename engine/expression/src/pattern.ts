import { compileRegexp, invalid, type Regexp } from "@tocsin/data/value";
import type { RegexpLiteral } from "@tocsin/language/syntax";

const compiled = new WeakMap<RegexpLiteral, Regexp>();

/** The regular expression of a literal, compiled when it is first needed. */
export function literalPattern(node: RegexpLiteral): Regexp {
  let pattern = compiled.get(node);
  if (pattern === undefined) compiled.set(node, (pattern = compile(node.pattern)));
  return pattern;
}

function compile(source: string): Regexp {
  const pattern = compileRegexp(source);
  if ("reason" in pattern)
    throw invalid(`"${source}" is not a regular expression: ${pattern.reason}`);
  return pattern;
}
