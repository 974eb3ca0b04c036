import type { CallSite, ColumnKind, Effect, Raw, StreamValue, Value } from "@tocsin/data/value";
import type { LogicalNode, NodeKind } from "@tocsin/engine/plan";
import type { Arguments } from "./arguments.ts";
import type {
  FluxDefinition,
  NativeDefinition,
  PackageDefinition,
  ValueDefinition,
} from "./definition.ts";
import type { Run } from "./run.ts";

type Words = Pick<NativeDefinition, "name" | "type" | "docs" | "example">;

/**
 * A function computed in TypeScript. By default it is pure: it gives no promise, and uses only constants of the run.
 */
export function native(
  definition: Words & {
    readonly effect?: Effect;
    readonly raw?: NonNullable<NativeDefinition["raw"]>;
    readonly call: (args: Arguments, run: Run, site: CallSite) => Value | Promise<Value>;
  },
): NativeDefinition {
  return { form: "native", effect: "pure", ...definition };
}

/**
 * A pure function from cells to a cell, for use in rows. `parameters` gives the kinds in order; `apply` takes bare
 * cells and gives one. It is never given null: a null argument makes the result null.
 */
export function scalar<K extends ColumnKind>(
  definition: Words & {
    readonly parameters: Readonly<Record<string, ColumnKind>>;
    readonly result: K;
    readonly apply: (...cells: never[]) => Raw;
  },
): NativeDefinition {
  const { parameters: kinds, result, apply, ...words } = definition;
  const parameters = Object.entries(kinds).map(([name, kind]) => ({ name, kind }));
  return {
    ...words,
    form: "native",
    effect: "pure",
    raw: { parameters, result, apply },
    call: callRaw(parameters, result, apply),
  };
}

function callRaw(
  parameters: readonly { readonly name: string; readonly kind: ColumnKind }[],
  result: ColumnKind,
  apply: (...cells: never[]) => Raw,
): NativeDefinition["call"] {
  const getters: Record<ColumnKind, (args: Arguments, name: string) => Raw> = {
    bool: (args, name) => args.bool(name),
    int: (args, name) => args.int(name),
    uint: (args, name) => args.uint(name),
    float: (args, name) => args.float(name),
    string: (args, name) => args.string(name),
    time: (args, name) => args.time(name),
  };
  return (args) => {
    if (parameters.some(({ name }) => args.optional(name)?.kind === "null"))
      return { kind: "null", of: result };
    const cells = parameters.map(({ name, kind }) => getters[kind](args, name));
    const cell = (apply as (...cells: Raw[]) => Raw)(...cells);
    return (cell === null ? { kind: "null", of: result } : { kind: result, value: cell }) as Value;
  };
}

/**
 * A function that adds a step to the plan. `inputs` defaults to the piped `tables`. The spec is plain
 * data, made from the arguments at call time.
 */
export function transformation<Spec>(
  definition: Words & {
    readonly kind: NodeKind<Spec>;
    readonly spec: (args: Arguments, run: Run) => Spec;
    readonly inputs?: (args: Arguments) => readonly LogicalNode[];
  },
): NativeDefinition {
  const { kind, spec, inputs, ...words } = definition;
  return {
    ...words,
    form: "native",
    effect: "pure",
    call: (args, run, site): StreamValue =>
      run.stream(
        kind,
        spec(args, run),
        inputs === undefined ? [args.stream()] : inputs(args),
        site.at,
      ),
  };
}

/** A function or constant written in Flux. */
export function flux(
  definition: Words & { readonly source: string; readonly option?: boolean },
): FluxDefinition {
  return { form: "flux", ...definition };
}

/** A constant. */
export function constant(definition: Words & { readonly value: Value }): ValueDefinition {
  const { value, ...words } = definition;
  return { ...words, form: "value", value: () => value };
}

/** An option with a value that the run decides; for one written in Flux use `flux({ option: true })`. */
export function option(
  definition: Words & { readonly value: (run: Run) => Value },
): ValueDefinition {
  return { form: "value", option: true, ...definition };
}

/** A package: its path, what it is for, and its members. */
export function definePackage(definition: PackageDefinition): PackageDefinition {
  return definition;
}
