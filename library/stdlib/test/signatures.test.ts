import { librarySignatures } from "@tocsin/library/stdlib";
import { beforeAll, expect, test } from "vitest";
import { canonicalType } from "../../../language/semantic/test/canonical-type.ts";
import { Oracle } from "../../../language/semantic/test/oracle.ts";

/*
 * Upstream's checker infers or declares a type for each name of its library. Ours are written down,
 * so each is compared with what upstream's says: a narrower one would refuse scripts that run there.
 */

let oracle: Oracle;

beforeAll(async () => {
  oracle = await Oracle.start();
});

/** Endpoints tell the status of delivery in a column of its own; upstream's have `_sent` only. */
const withStatus = [
  "contrib/bonitoo-io/alerta.endpoint",
  "contrib/bonitoo-io/servicenow.endpoint",
  "contrib/bonitoo-io/victorops.endpoint",
  "contrib/bonitoo-io/zenoss.endpoint",
  "contrib/chobbs/discord.endpoint",
  "contrib/rhajek/bigpanda.endpoint",
  "contrib/sranka/opsgenie.endpoint",
  "contrib/sranka/teams.endpoint",
  "contrib/sranka/telegram.endpoint",
  "contrib/sranka/webexteams.endpoint",
  "http.endpoint",
  "pushbullet.endpoint",
  "slack.endpoint",
];

/** Names that scripts may use and upstream's library at the oracle's version does not have. */
const added = [
  // `alert` under the name that its reference page uses.
  "contrib/bonitoo-io/victorops.event",
  "tocsin/delivery.deliver",
  "tocsin/delivery.send",
];

/** Its type as upstream prints it, or undefined when it does not know the name. */
async function upstreamType(path: string, name: string): Promise<string | undefined> {
  const text = path === "universe" ? `m = ${name}` : `import p "${path}"\nm = p.${name}`;
  return (await oracle.ask(text, ["m"]))?.types.get("m");
}

test("what is said to be missing is upstream's, and is missing", async () => {
  const { absent, package: packageOf } = await librarySignatures();
  for (const path of absent ?? []) {
    expect(packageOf(path), path).toBeUndefined();
    const answer = await oracle.ask(`import p "${path}"\nm = 1`, ["m"]);
    expect(answer?.types.get("m"), path).toBe("int");
  }
});

test("each name of the library has the type that upstream gives it", async () => {
  const library = await librarySignatures();
  const wrong: string[] = [];
  const unknown: string[] = [];
  let compared = 0;
  for (const path of library.paths()) {
    for (const [name, { type }] of Object.entries(library.package(path)?.values ?? {})) {
      const key = `${path}.${name}`;
      const upstream = await upstreamType(path, name);
      if (upstream === undefined) {
        // What begins with `_` is an inner part of a package and nothing that scripts call.
        if (!name.startsWith("_")) unknown.push(key);
        continue;
      }
      compared += 1;
      const expected = withStatus.includes(key)
        ? upstream.replace("_sent: string}", "_sent: string, _status: string}")
        : upstream;
      if (canonicalType(type) !== canonicalType(expected))
        wrong.push(`${key}\n  upstream ${upstream}\n  ours     ${type}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(unknown.sort()).toEqual(added);
  expect(compared, "names that the oracle was asked for").toBeGreaterThan(550);
});
