import { definePackage, flux } from "@tocsin/engine/interpret";
import { assertEmpty, assertEquals } from "./assertions.ts";

const diff = flux({
  name: "diff",
  type: `(
    <-got: stream[A], want: stream[A], ?verbose: B, ?epsilon: C, ?nansEqual: D,
  ) => stream[{A with _diff: string}]`,
  docs:
    "Compares two streams with `experimental.diff` and makes the difference the result `errorOutput`: a test " +
    "passes when that is empty. The other parameters are taken and change nothing; two NaN are equal.",
  example: `import "sampledata"
import "testing"
testing.diff(got: sampledata.int(), want: sampledata.int())`,
  source: `(got=<-, want, verbose=false, epsilon=0.000001, nansEqual=false) =>
    got
        |> experimental.diff(want: want)
        |> yield(name: "errorOutput")`,
});

const assertEqualValues = flux({
  name: "assertEqualValues",
  type: "(got: A, want: A) => stream[{_diff: string, v: A}]",
  docs: "Compares two values of a basic type as `diff` compares streams.",
  example: `import "testing"
testing.assertEqualValues(got: 1 + 1, want: 2)`,
  source: `(got, want) =>
    diff(got: array.from(rows: [{v: got}]), want: array.from(rows: [{v: want}]))`,
});

const shouldError = flux({
  name: "shouldError",
  type: "(fn: () => A, want: regexp) => stream[{v: string}]",
  docs: "Calls `fn`, which must fail with a message that matches `want`.",
  example: `import "testing"
testing.shouldError(fn: () => die(msg: "no luck"), want: /luck/)`,
  source: `(fn, want) => {
    outcome = experimental.catch(fn: fn)

    return
        if exists outcome.msg then
            array.from(rows: [{v: outcome.msg}])
                |> filter(fn: (r) => r.v !~ want)
                |> yield(name: "errorOutput")
        else
            die(msg: "shouldError expected an error")
}`,
});

const load = flux({
  name: "load",
  type: "(<-tables: A) => A",
  docs: "Passes a test's input on. Test runners that have a store put the rows there and read them again.",
  option: true,
  source: "(tables=<-) => tables",
});

const tags = flux({
  name: "tags",
  type: "[A]",
  docs: "What a testcase needs: it runs only when the runner is given all of its tags.",
  option: true,
  source: "[]",
});

export const packageDefinition = definePackage({
  path: "testing",
  docs: "For testcases: compares what a script gives with what it should give.",
  imports: ["array", "experimental"],
  members: [assertEmpty, assertEqualValues, assertEquals, diff, load, shouldError, tags],
});
