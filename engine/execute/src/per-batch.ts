import type { Batch } from "@tocsin/data/column";
import type { Operator, OperatorContext, OperatorKind, Outlet, Properties } from "./operator.ts";

/** Declares a kind of node whose operator is made by `start`. */
export function operatorKind<Spec>(
  properties: Properties<Spec>,
  start: (spec: Spec, out: Outlet, context: OperatorContext) => Operator,
): OperatorKind<Spec> {
  return { ...properties, start };
}

/**
 * A kind whose operator turns each batch by itself into at most one. The function sees to it that `tableEnds` and
 * `open` are right, and gives undefined if nothing is left.
 */
export function perBatchKind<Spec>(
  properties: Properties<Spec>,
  make: (spec: Spec, context: OperatorContext) => (batch: Batch) => Batch | undefined,
): OperatorKind<Spec> {
  return operatorKind(properties, (spec, out, context) => {
    const change = make(spec, context);
    return {
      push(batch) {
        const changed = change(batch);
        if (changed !== undefined) out.push(changed);
      },
      finish: () => undefined,
    };
  });
}
