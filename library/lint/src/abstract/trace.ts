import type { Location, Value } from "@tocsin/data/value";
import type { LogicalNode } from "@tocsin/engine/plan";
import type { BinaryOperator, FunctionExpression } from "@tocsin/language/syntax";
import type { Abstract, Row } from "./value.ts";

/** A field that the script reads from a row or record, outside `exists`. */
export interface Read {
  readonly at: Location;
  readonly row: Row;
  readonly label: string;
  readonly value: Abstract;
  /** The step whose function reads it. */
  readonly node: LogicalNode | undefined;
  /** The function of the script that it stands in. */
  readonly within: FunctionExpression | undefined;
}

/** A value that the script puts into a text, as it is known at that place. */
interface Interpolation {
  readonly at: Location;
  readonly value: Abstract;
  /** The whole text. */
  readonly text: Location;
  readonly node: LogicalNode | undefined;
}

/** Two values that the script compares. */
export interface Comparison {
  readonly at: Location;
  readonly operator: BinaryOperator;
  readonly left: Abstract;
  readonly right: Abstract;
  readonly types: readonly [Value["kind"] | undefined, Value["kind"] | undefined];
  readonly node: LogicalNode | undefined;
}

/** A request that a call makes by itself, such as `victorops.alert` or `http.post`. */
interface Sent {
  /** The call in the script. */
  readonly at: Location | undefined;
  /** The step whose function makes it for each row; undefined: the script does, once. */
  readonly node: LogicalNode | undefined;
  readonly integration: string | undefined;
  readonly method: string;
  readonly url: Abstract;
  readonly data: Abstract | undefined;
}

/** What happened while a script was run with unknown rows. Places are those of the script itself. */
export interface Trace {
  readonly reads: Read[];
  readonly interpolations: Interpolation[];
  readonly comparisons: Comparison[];
  readonly sent: Sent[];
  /** Values whose existence the script has tested. */
  readonly tested: Set<Abstract>;
}

/** A trace in which nothing has happened. */
export const emptyTrace = (): Trace => ({
  reads: [],
  interpolations: [],
  comparisons: [],
  sent: [],
  tested: new Set(),
});
