import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { optionsOf } from "./options.ts";
import { type Pipeline, pipelineOf, scriptOf, shrunk } from "../conformance/pipelines/pipeline.ts";
import { areEqual, askHere, askPeer, type Said } from "./against-peer.ts";

/** A pipeline to which two engines, or two ways of running one, say different things. */
interface Difference {
  readonly pipeline: Pipeline;
  readonly one: Said;
  readonly other: Said;
}

/** A way of running a script. */
export type Way = (script: string) => Promise<Said>;

/** What upstream refuses and Tocsin does not, by the headings of docs/compatibility.md. */
const known: readonly RegExp[] = [
  // Functions given a null; one meaning of null.
  /cannot convert argument of type invalid|procedure cannot be executed|(?:got|of) type (?:invalid|\w+ value <nil>)/u,
  // A column that the types do not know of, such as one that `set` makes.
  /record is missing label/u,
];

/** Whether two answers are alike, or differ as is known. */
function agree(one: Said, other: Said): boolean {
  return areEqual(one, other) || known.some((why) => why.test(other.error ?? ""));
}

/** What two ways say to the pipeline of a seed; undefined: the same. The difference is as small as it gets. */
export async function differenceOf(
  seed: number,
  one: Way,
  other: Way,
): Promise<Difference | undefined> {
  const both = async (pipeline: Pipeline): Promise<Difference> => {
    const script = scriptOf(pipeline);
    const [mine, theirs] = await Promise.all([one(script), other(script)]);
    return { pipeline, one: filled(mine), other: filled(theirs) };
  };
  const whole = await both(pipelineOf(seed));
  if (agree(whole.one, whole.other)) return undefined;
  const smallest = await shrunk(whole.pipeline, async (smaller) => {
    const said = await both(smaller);
    // A refusal that only a smaller script meets is another difference.
    const same =
      refusal(said.one) === refusal(whole.one) && refusal(said.other) === refusal(whole.other);
    return same && !agree(said.one, said.other);
  });
  return both(smallest);
}

/** Why something was refused, without the place and the names in it; undefined: it was not. */
function refusal({ error }: Said): string | undefined {
  return error
    ?.split("\n")
    .at(-1)
    ?.replace(/@[\d:-]+|"[^"]*"|\d+/gu, "");
}

/** What was said, without tables that have no rows: which of these come is told in docs/compatibility.md. */
function filled(said: Said): Said {
  const tables = said.tables.replace(/^ {2}table[^\n]*\n(?: {4}[^\n]*\n|\n)(?! {4})/gmu, "");
  return { ...said, tables: tables.replace(/^result [^\n]*\n(?! )/gmu, "") };
}

/** A difference as it is printed. */
export function differenceText({ pipeline, one, other }: Difference): string {
  const shown = (said: Said): string => said.error ?? `\n${said.tables}`;
  return `--- seed ${pipeline.seed}\n${scriptOf(pipeline)}here: ${shown(one)}\nthere: ${shown(other)}`;
}

/** Runs the pipelines of many seeds here and with `flux`; prints each difference. Gives how many there are. */
async function hunt(flux: string, first: number, count: number): Promise<number> {
  let [different, refused, next] = [0, 0, first];
  const work = async (): Promise<void> => {
    const folder = mkdtempSync(join(tmpdir(), "tocsin-pipelines-"));
    const here: Way = async (script) => {
      const said = await askHere(script);
      if (said.error !== undefined) refused += 1;
      return said;
    };
    while (next < first + count) {
      const found = await differenceOf(next++, here, (script) => askPeer(flux, folder, script));
      if (found === undefined) continue;
      different += 1;
      console.log(differenceText(found));
    }
    rmSync(folder, { recursive: true, force: true });
  };
  await Promise.all([work(), work()]);
  console.log(
    `${count} pipelines from seed ${first}: ${different} differ, ${refused} runs refused here`,
  );
  return different;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { seed, count, show } = optionsOf({ seed: 1, count: 1000, show: false });
  const flux = process.env["TOCSIN_PEER_FLUX"] ?? "";
  if (show) console.log(scriptOf(pipelineOf(seed)));
  else if (flux === "") console.log("skipped: TOCSIN_PEER_FLUX does not name a flux");
  else process.exitCode = (await hunt(flux, seed, count)) > 0 ? 1 : 0;
}
