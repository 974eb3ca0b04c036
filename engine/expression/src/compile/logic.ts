/**
 * Text of JavaScript conditions. Folding what is known keeps generated code readable: most columns
 * have no nulls, and then nothing of null is left in it.
 */
export const not = (a: string): string =>
  a === "true" ? "false" : a === "false" ? "true" : `!${wrapped(a)}`;

export function and(a: string, b: string): string {
  if (a === "false" || b === "false") return "false";
  if (a === "true") return b;
  if (b === "true" || a === b) return a;
  if (a === not(b) || b === not(a)) return "false";
  return `${side(a)} && ${side(b)}`;
}

export function or(a: string, b: string): string {
  if (a === "true" || b === "true") return "true";
  if (a === "false") return b;
  if (b === "false" || a === b) return a;
  if (a === not(b) || b === not(a)) return "true";
  return `${side(a)} || ${side(b)}`;
}

/** `test ? a : b`. */
export function choose(test: string, a: string, b: string): string {
  if (a === b || test === "true") return a;
  if (test === "false") return b;
  if (a === "true" && b === "false") return test;
  if (a === "false" && b === "true") return not(test);
  if (b === "false") return and(test, a);
  if (a === "true") return or(test, b);
  if (a === "false") return and(not(test), b);
  if (b === "true") return or(not(test), a);
  return `${side(test)} ? ${wrapped(a)} : ${wrapped(b)}`;
}

/** `code` in parentheses, unless it is a single name, number, string, element or call. */
export const wrapped = (code: string): string =>
  isSimple(code) || isWrapped(code) ? code : `(${code})`;

/** Whether the first parenthesis of `code` is closed by its last. */
function isWrapped(code: string): boolean {
  if (!code.startsWith("(") || code.includes('"')) return false;
  let depth = 0;
  for (let i = 0; i < code.length; i++) {
    if (code[i] === "(") depth += 1;
    else if (code[i] === ")" && (depth -= 1) === 0) return i === code.length - 1;
  }
  return false;
}

const simple = /^(?:[\w$.]+|-?\d[\d.]*n?|"(?:[^"\\]|\\.)*")(?:\[[\w$]+\])?$/;
const call = /^[\w$.]+\([^()]*\)$/;

/** Whether `code` needs no parentheses beside an operator. */
export const isSimple = (code: string): boolean => simple.test(code) || call.test(code);

/** Inside `&&` and `||`: comparisons bind tighter and may stand as they are. */
const comparison = /^[\w$.[\]]+ (?:===|!==|<=|>=|<|>) [\w$.[\]]+$/;
const negation = /^![\w$.]+(?:\([^()]*\)|\[[\w$]+\])?$/;
const side = (code: string): string =>
  comparison.test(code) || negation.test(code) ? code : wrapped(code);

/** A JavaScript string literal that is also safe in a comment: nothing but printable ASCII. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
