import { string } from "@tocsin/data/value";
import { constant } from "@tocsin/engine/interpret";

/** The words that `check` writes into `_level`. */
export const levels = (
  [
    ["levelOK", "ok"],
    ["levelInfo", "info"],
    ["levelWarn", "warn"],
    ["levelCrit", "crit"],
    ["levelUnknown", "unknown"],
  ] as const
).map(([name, word]) =>
  constant({ name, type: "string", docs: `The level \`${word}\`.`, value: string(word) }),
);
