import { definePackage, flux } from "@tocsin/engine/interpret";

const shouldErrorWithCode = flux({
  name: "shouldErrorWithCode",
  type: "(fn: () => A, want: regexp, code: uint) => stream[{_diff: string, code: uint, match: bool}]",
  docs: "Calls `fn`, which must fail with a message that matches `want` and with the error number `code`.",
  source: `(fn, want, code) => {
    outcome = experimental.catch(fn: fn)

    return
        if exists outcome.msg then
            testing.diff(
                got: array.from(rows: [{code: outcome.code, match: outcome.msg =~ want}]),
                want: array.from(rows: [{code: code, match: true}]),
            )
        else
            die(msg: "shouldErrorWithCode expected an error")
}`,
});

const assertMatches = flux({
  name: "assertMatches",
  type: "(got: string, want: regexp) => stream[{_diff: string, v: string}]",
  docs: "Fails unless `got` matches the regular expression `want`.",
  source: `(got, want) =>
    if got =~ want then
        testing.assertEqualValues(got: "", want: "")
    else
        die(msg: "Regex \`\${regexp.getString(r: want)}\` does not match \`\${got}\`")`,
});

export const packageDefinition = definePackage({
  path: "internal/testing",
  docs: "Assertions for testcases of the library itself.",
  imports: ["array", "experimental", "regexp", "testing"],
  members: [assertMatches, shouldErrorWithCode],
});
