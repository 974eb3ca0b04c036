import { checkScript } from "@tocsin/library/runtime";
import { expect, test } from "vitest";

/** A script with one warning, W0306, at the line of `messageType`. */
const script = (above: string, beside = ""): string => `import "contrib/bonitoo-io/victorops"
import "influxdata/influxdb/secrets"

url = "https://alert.victorops.com/integrations/generic/20131114/alert/\${secrets.get(key: "K")}/ops"

from(bucket: "telegraf")
    |> range(start: -1m)
    |> last()
    |> victorops.endpoint(url: url)(
        mapFn: (r) => ({
            ${above}
            messageType: "CRITICAL", ${beside}
            entityID: r.host,
            entityDisplayName: r.host,
            stateMessage: "down",
            timestamp: r._time,
        }),
    )()
`;

async function said(text: string): Promise<string[]> {
  const { tree, diagnostics } = await checkScript(text, "a.flux");
  return diagnostics.map(({ code, span }) => `${tree.source.lineAt(span.start)} ${code}`);
}

const reason = "because close.flux resolves it";

test("a comment with a reason takes a warning of its line, or of the next one, back", async () => {
  expect(await said(script(""))).toEqual(["12 W0306"]);
  expect(await said(script(`// tocsin: allow W0306 ${reason}`))).toEqual([]);
  expect(await said(script("", `// tocsin: allow W0306 ${reason}`))).toEqual([]);
  expect(
    await said(script(`// tocsin: allow W0306 ${reason}\n            // and more words`)),
  ).toEqual([]);
});

test("several codes stand in one comment; one that is not there is said", async () => {
  expect(await said(script(`// tocsin: allow W0306, W0307 ${reason}`))).toEqual(["11 W0323"]);
});

test("without a reason the warning is gone, but the comment is one", async () => {
  expect(await said(script("// tocsin: allow W0306"))).toEqual(["11 W0322"]);
  expect(await said(script("// tocsin: allow W0306 because"))).toEqual(["11 W0322"]);
});

test("an allowance for nothing, at another line or without a code, is said", async () => {
  expect(await said(`// tocsin: allow W0306 ${reason}\n${script("")}`)).toEqual([
    "1 W0323",
    "13 W0306",
  ]);
  expect(await said(script(`// tocsin: allow ${reason}`))).toEqual(["11 W0323", "12 W0306"]);
});

test("errors cannot be allowed, and hide the complaint about it", async () => {
  expect(await said(`// tocsin: allow E0201 ${reason}\nx = unheardOf\n`)).toEqual(["2 E0201"]);
});
