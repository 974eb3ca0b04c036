export {
  type AbstractRequest,
  fieldChoice,
  type Possible,
  possibleValues,
  requestsOf,
  type Variant,
} from "./events.ts";
export { type AbstractScript, runAbstractly } from "./script.ts";
export type { Abstract } from "./value.ts";
export { show, showSource } from "./show.ts";
export { Exhausted } from "./walk.ts";
