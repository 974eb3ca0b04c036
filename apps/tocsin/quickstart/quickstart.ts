import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { main } from "../src/main.ts";

/**
 * Tocsin's main job on real input: line protocol goes into an embedded bucket, an alert script reads it, and its pages
 * reach a local stand-in for On-Call. Everything happens in a temporary folder.
 */
async function quickstart(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-quickstart-"));
  const env = {
    ...process.env,
    TOCSIN_DATA: folder,
    // The stand-in accepts any key; real ones come from the environment or from --secrets.
    VICTOROPS_API_KEY: "quickstart-integration-key",
    VICTOROPS_ROUTING_KEY: "ops",
  };
  Object.assign(process.env, env);
  const streams = { out: process.stdout, err: process.stderr, env, cwd: process.cwd() };
  const script = fileURLToPath(new URL("alert.flux", import.meta.url));
  const points = join(folder, "statuses.lp");
  writeFileSync(points, statuses());
  const commands = [
    ["write", "--bucket", "example-bucket", points],
    ["check", script],
    ["explain", script],
    ["run", "--deliver-to", "sandbox", "--output", "table", script],
    ["outbox", "list"],
    ["outbox", "status"],
  ];
  try {
    for (const argv of commands) {
      const shown = argv.map((one) => one.replace(`${process.cwd()}/`, "").replace(folder, "DATA"));
      streams.out.write(`\n$ tocsin ${shown.join(" ")}\n`);
      const code = await main(argv, streams);
      if (code !== 0) return code;
    }
    streams.out.write(
      "\nThat was the whole path, from the bucket through script and outbox to On-Call. Next: npm start -- run --help, or the README.\n",
    );
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Points of three hosts, two of them in trouble, from the last half minute: a slow machine has time for the rest. */
function statuses(): string {
  const now = BigInt(Date.now()) * 1_000_000n;
  const moment = 10_000_000_000n;
  return [
    `statuses,host=web-1,status=ok cpu=12.5 ${now - 3n * moment}`,
    `statuses,host=web-2,status=crit cpu=97.25 ${now - 2n * moment}`,
    `statuses,host=db-1,status=crit connections=498i ${now - moment}`,
    `statuses,host=web-1,status=ok cpu=14 ${now - moment}`,
    "",
  ].join("\n");
}

process.exitCode = await quickstart();
