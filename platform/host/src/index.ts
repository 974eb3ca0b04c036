export { type Clock, SimulatedClock } from "./clock.ts";
export {
  DatabaseError,
  type Databases,
  type DataSource,
  type SqlCell,
  type SqlColumn,
  type SqlRows,
} from "./databases.ts";
export { memoryHost, memorySecrets } from "./doubles.ts";
export {
  type Http,
  HttpError,
  type HttpFailure,
  type HttpRequest,
  type HttpResponse,
  type HttpStream,
  scriptedHttp,
} from "./http.ts";
export {
  FileError,
  type Files,
  type Host,
  type Log,
  type Loop,
  type Memory,
  type Random,
  type Secrets,
} from "./ports.ts";
export { seeded } from "./random.ts";
export { sha256 } from "./sha256.ts";
export { shortened } from "./shortened.ts";
export { type Signal, Stopper } from "./signal.ts";
export { Slab } from "./slab.ts";
export { finished, type Steps } from "./steps.ts";
export { utf8 } from "./text.ts";
export { type WasmInstance, wasmInstance, type WasmMemory, wasmMemory } from "./wasm.ts";
