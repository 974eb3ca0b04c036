import {
  errorCodes,
  FluxError,
  NULL,
  nullOf,
  record,
  string,
  uint,
  type Value,
} from "@tocsin/data/value";
import { callFunction } from "@tocsin/engine/expression";
import { native } from "@tocsin/engine/interpret";

/** `catch` is a word of TypeScript, hence the other name. */
export const catchErrors = native({
  name: "catch",
  type: "(fn: () => A) => {value: A, code: uint, msg: string}",
  docs:
    "Calls `fn`. Gives its result as `value`, or, when it fails, the error's number as `code` and its text as " +
    "`msg`; what is not there is null. Streams only fail when they run: use it with `tableFind` and the like.",
  example: `import "array"
import "experimental"
result = experimental.catch(fn: () => die(msg: "no luck"))
array.from(rows: [{msg: result.msg}])`,
  call: (args, _run, site) => {
    try {
      const result = callFunction(args.func("fn"), new Map(), site);
      return result instanceof Promise ? result.then(succeeded, failed) : succeeded(result);
    } catch (error) {
      return failed(error);
    }
  },
});

function succeeded(value: Value): Value {
  return record({ value, code: nullOf("uint"), msg: nullOf("string") });
}

function failed(error: unknown): Value {
  if (!(error instanceof FluxError)) throw error;
  return record({
    value: NULL,
    code: uint(BigInt(errorCodes.indexOf(error.code))),
    msg: string(error.message),
  });
}
