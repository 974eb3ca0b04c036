/**
 * Where the checker differs from upstream on purpose: a script, and why. `docs/compatibility.md`
 * tells users about them.
 */
type Difference = {
  readonly script: string;
  readonly upstream: "accepts" | "rejects" | "breaks down";
  readonly why: string;
};

export const differences: readonly Difference[] = [
  {
    script: 'testcase a extends "flux/x/y_test.b" {\n    super()\n}',
    upstream: "rejects",
    why: "`super()` is known in a testcase that extends another; upstream's checker knows nothing of it",
  },
  {
    script: "x = 1\ntestcase a {\n    x = 2\n}\ny = x",
    upstream: "rejects",
    why: "a testcase's own names end with it; upstream loses the file's name behind the testcase",
  },
  {
    script:
      'import "contrib/bonitoo-io/victorops"\n\nvictorops.event(url: "u", messageType: "INFO")',
    upstream: "rejects",
    why: "`victorops.event` is `victorops.alert` under the name that the reference pages use",
  },
];
