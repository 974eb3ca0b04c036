import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where a subject works, and for which run. */
interface Place {
  readonly script: string;
  readonly data: string;
  readonly run: string;
}

/** A program that runs alert scripts, and what its user would type. */
export interface Subject {
  readonly name: string;
  run(place: Place): readonly string[];
  /** Sends what waits; undefined: it knows no such thing. */
  send?(place: Pick<Place, "data">): readonly string[];
  /** Works at the queue until it is stopped. */
  follow?(place: Pick<Place, "data">): readonly string[];
}

/** Tocsin as it is installed. */
export function tocsin(): Subject {
  const program = [join(root, "apps/tocsin/bin/tocsin")];
  if (!existsSync(join(root, "apps/tocsin/dist/tocsin.cjs")))
    throw new Error("run npm run build first");
  const queue = (...words: readonly string[]) => [...program, "outbox", "send", ...words];
  return {
    name: "Tocsin",
    run: ({ script, data, run }) => [
      ...program,
      ...["run", "--run-id", run, "--output", "none", "--data", data, script],
    ],
    send: ({ data }) => queue("--wait", "30s", "--data", data),
    follow: ({ data }) => queue("--follow", "--data", data),
  };
}

/** Upstream's command line, where its path is in TOCSIN_PEER_FLUX. */
export function upstream(): Subject | undefined {
  const program = process.env["TOCSIN_PEER_FLUX"];
  if (program === undefined || !existsSync(program)) return undefined;
  return { name: "upstream flux", run: ({ script }) => [program, script] };
}

/** In every address; nobody may see it. */
export const key = "0b3a5c7e-KEY-41d9";

/** A script that pages `count` times about `entities` things. Both subjects run it as it is. */
export function pages(options: {
  readonly origin: string;
  readonly count: number;
  readonly entities: number;
  /** Tells the events of one script from those of another. */
  readonly tag: string;
}): string {
  const { origin, count, entities, tag } = options;
  return `import "contrib/bonitoo-io/victorops"
import "generate"

page =
    victorops.endpoint(url: "${origin}/integrations/generic/20131114/alert/${key}/ops")

generate.from(start: 2026-01-01T00:00:00Z, stop: 2026-01-02T00:00:00Z, count: ${count}, fn: (n) => n)
    |> page(
        mapFn: (r) => ({
            messageType:
                if r._value % 4 == 0 then
                    "CRITICAL"
                else if r._value % 4 == 1 then
                    "WARNING"
                else if r._value % 4 == 2 then
                    "RECOVERY"
                else
                    "INFO",
            entityID: "${tag}\${string(v: r._value % ${entities})}",
            entityDisplayName: "Entity \${string(v: r._value % ${entities})}",
            stateMessage: "number \${string(v: r._value)} of ${tag}",
            timestamp: r._time,
        }),
    )()
`;
}
