/**
 * The kinds of errors that upstream's front end has behind the parser, by how their messages
 * read. Three are not here because no text leads to them: the parser refuses parameters that are
 * not names, and only a library can lack a builtin or import itself.
 */
export const upstreamErrors: Readonly<Record<string, RegExp>> = {
  "invalid named type": /^invalid named type /,
  "second pipe parameter": /^function types can have at most one pipe parameter/,
  "invalid constraint": /^invalid constraint /,
  "pipe literal": /^a pipe literal may only be used/,
  "missing return": /^missing return statement in block/,
  "statement in function": /^invalid (option|builtin|testcase) statement in function block/,
  "early return": /^invalid return statement in function block/,
  "option reassigned": /^option "[^"]+" reassigned/,
  "variable reassigned": /^variable "[^"]+" reassigned/,
  "variable and option": /^variable "[^"]+" conflicts with option/,
  "dependent options": /^option "[^"]+" depends on option/,
  "label without feature": /^Labels are currently experimental/,
  "undefined identifier": /^undefined identifier /,
  "invalid import path": /^invalid import path /,
  "return in file": /^return not valid in file block/,
  "missing label constraint": /^variable \S+ lacks the Label constraint/,
  "cannot unify": /^expected (?!pipe argument)[\s\S]+ but found /,
  "cannot unify in label": / for label \S+ caused by /,
  "cannot unify argument": / \(argument \S+\)$/,
  "cannot unify return": /^123expected /,
  "cannot constrain": / is not (Addable|Subtractable|Divisible|Comparable|Equatable|Negatable)/,
  "not stringable": / is not Stringable/,
  "missing label": /^record is missing label /,
  "extra label": /^found unexpected label /,
  "missing argument": /^missing required argument /,
  "extra argument": /^found unexpected argument /,
  "missing pipe argument": /^missing pipe argument/,
  "other pipe argument": /^expected pipe argument /,
  "not a label": / is not a label/,
  "recursive type": /^recursive types not supported /,
};
