import type { ColumnKind, Raw, SourceFile, Value } from "@tocsin/data/value";
import type { FunctionExpression } from "@tocsin/language/syntax";
import type { Env } from "./env.ts";

/**
 * What the compiler knows of an expression. Code of a scalar is a JavaScript expression that cannot
 * throw and gives something of the right type even where the scalar is null, so it may stand
 * anywhere after the statements that were emitted before it.
 */
export type Term = Scalar | NullTerm | Boxed | Struct | Lambda | Constant;

/** A value without wrapper. */
export interface Scalar {
  readonly form: "scalar";
  readonly kind: ColumnKind;
  readonly code: string;
  /** A JavaScript expression: whether the value is null. Often `"false"`. */
  readonly absent: string;
  /** The value, where it is known beforehand. */
  readonly constant?: Raw;
  /** The column of the batch that it comes from, unchanged. */
  readonly column?: number;
  /** A string of a dictionary: its code and the variable that holds the dictionary. */
  readonly coded?: Coded;
  /** A text that is put together: what is between the fillers, and the fillers, none of them null. */
  readonly template?: { readonly parts: readonly string[]; readonly fillers: readonly Scalar[] };
}

export interface Coded {
  readonly code: string;
  readonly dictionary: string;
}

/** A null of which no type is known. */
interface NullTerm {
  readonly form: "null";
}
/** A `Value`, its type known only at run time. */
interface Boxed {
  readonly form: "boxed";
  readonly code: string;
}
/** A record of which the labels are known; it need not exist at run time. */
export interface Struct {
  readonly form: "struct";
  readonly fields: ReadonlyMap<string, Term>;
  /** It is the row itself. */
  readonly row: boolean;
}
/** A function written inside the function that is being compiled. */
export interface Lambda {
  readonly form: "lambda";
  readonly node: FunctionExpression;
  readonly env: Env;
  readonly file: SourceFile;
  readonly name: string | undefined;
}
/** A value from outside that no column holds: a record, an array, a function, a duration, … */
export interface Constant {
  readonly form: "constant";
  readonly value: Exclude<Value, { kind: "null" | ColumnKind }>;
}

export const NULL_TERM: NullTerm = { form: "null" };

/** What stands where a scalar has no value: of the right type, so that loops stay fast. */
export const zero: Readonly<Record<ColumnKind, string>> = {
  bool: "false",
  int: "0n",
  uint: "0n",
  float: "0",
  string: '""',
  time: "0n",
};

export const scalar = (kind: ColumnKind, code: string, absent = "false"): Scalar => ({
  form: "scalar",
  kind,
  code,
  absent,
});

/** The null of a known type. */
export const nullScalar = (kind: ColumnKind): Scalar => scalar(kind, zero[kind], "true");
