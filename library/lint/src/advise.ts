import type { Diagnostic, File } from "@tocsin/language/syntax";
import type { Library } from "@tocsin/engine/interpret";
import { Exhausted, requestsOf, runAbstractly } from "./abstract/index.ts";
import { compareTypes } from "./compare-types.ts";
import { emptyRange } from "./empty-range.ts";
import { fieldLimit } from "./field-limit.ts";
import { handWrittenPost } from "./hand-written-post.ts";
import { ignoredKey } from "./ignored-key.ts";
import { lostColumn } from "./lost-column.ts";
import { messageType } from "./message-type.ts";
import { neverYielded } from "./never-yielded.ts";
import { noRecovery } from "./no-recovery.ts";
import { nullInterpolation } from "./null-interpolation.ts";
import { onCallUrl } from "./oncall-url.ts";
import type { PlanLint, Seen } from "./plan-lint.ts";
import { rangeAndEvery } from "./range-and-every.ts";
import { rangeBound } from "./range-bound.ts";
import { resend } from "./resend.ts";
import { taskOption } from "./task-option.ts";
import { timestampUnit } from "./timestamp-unit.ts";
import { twoOpeners } from "./two-openers.ts";
import { unstableEntity } from "./unstable-entity.ts";
import { vagueEntity } from "./vague-entity.ts";

/** All lints of the plan. Each is a file of its own, and a line here. */
const lints: readonly PlanLint[] = [
  messageType,
  noRecovery,
  unstableEntity,
  vagueEntity,
  timestampUnit,
  ignoredKey,
  onCallUrl,
  fieldLimit,
  nullInterpolation,
  neverYielded,
  lostColumn,
  rangeAndEvery,
  twoOpeners,
  resend,
  handWrittenPost,
  compareTypes,
  emptyRange,
  rangeBound,
  taskOption,
];

/** What a script is run with. */
export interface LintWorld {
  readonly library: Library;
  /** Names that are set from outside. */
  readonly defined?: Iterable<string>;
  /** What has been said of the script already. */
  readonly said?: readonly Diagnostic[];
}

/** What a script without errors would do that its author hardly means. Throws only for a bug in a lint. */
export async function adviseOn(tree: File, world: LintWorld): Promise<Diagnostic[]> {
  try {
    const script = await runAbstractly(tree, world);
    const requests = requestsOf(script);
    const events = requests.filter(
      ({ integration, variants }) => integration === "victorops" && variants.length > 0,
    );
    const seen: Seen = { tree, script, requests, events, said: world.said ?? [] };
    return lints.flatMap((lint) => lint.look(seen));
  } catch (error) {
    if (error instanceof Exhausted) return [];
    throw error;
  }
}
