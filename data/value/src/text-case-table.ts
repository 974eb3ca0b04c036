export const caseExceptions: Record<
  "upper" | "lower" | "title" | "fold",
  ReadonlyMap<string, string>
> = {
  upper: new Map(),
  lower: new Map(),
  title: new Map(),
  fold: new Map(),
};
