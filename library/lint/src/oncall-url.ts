import { restVersion } from "@tocsin/alerting/oncall";
import type { Diagnostic } from "@tocsin/language/syntax";
import type { AbstractRequest } from "./abstract/index.ts";
import { type Abstract, optionsOf, partsOf } from "./abstract/value.ts";
import { callSpan, oncePerPlace, type PlanLint, spanIn } from "./plan-lint.ts";

/** Stands for a part of the address that only a run knows. */
const hole = "\0";

/** An address of On-Call that answers 404 to every event, or that holds a key for all to read. */
export const onCallUrl: PlanLint = {
  codes: ["W0311", "W0312", "E0301", "E0302"],
  look: (seen) =>
    oncePerPlace(
      seen.requests.flatMap((request) =>
        optionsOf(request.url).flatMap(({ value }) => {
          const address = addressOf(value);
          if (address === undefined) return [];
          const span = spanIn(seen, seen.script.walk.placeOf(value)) ?? callSpan(seen, request);
          const mistake = mistakeIn(address, request);
          return mistake === undefined ? [] : [{ ...mistake, span }];
        }),
      ),
    ),
};

function addressOf(url: Abstract): string | undefined {
  return partsOf(url)
    ?.map((part) => (typeof part === "string" ? part : hole))
    .join("");
}

type Mistake = Pick<Diagnostic, "code" | "severity" | "message" | "hint">;

function mistakeIn(address: string, request: AbstractRequest): Mistake | undefined {
  if (/^https?:\/\/api\.victorops\.com\b/u.test(address) && request.integration === "victorops")
    return publicApi;
  const found = /^(.*)\/integrations\/generic\/(\d{8})\/alert([^?#]*)/su.exec(address);
  if (found === null) return undefined;
  const [, origin, version, rest] = found;
  return slashLost(rest) ?? placeholder(rest) ?? dummy(version) ?? literalKey(origin, rest);
}

const publicApi: Mistake = {
  code: "W0312",
  severity: "warning",
  message:
    "api.victorops.com is the public API, which takes no events: each is answered 404, and nobody is paged",
  hint: `events go to https://alert.victorops.com/integrations/generic/${restVersion}/alert/<integration key>/<routing key>`,
};

const wrongPath = (word: string): Mistake => ({
  code: "W0312",
  severity: "warning",
  message: `the path of an On-Call URL has \`/alert/\`, not \`/${word}/\`: every event is answered 404, and nobody is paged`,
  hint: `events go to https://alert.victorops.com/integrations/generic/${restVersion}/alert/<integration key>/<routing key>`,
});

function slashLost(rest: string): Mistake | undefined {
  const word = /^[a-z]+(?=\/)/iu.exec(rest)?.[0];
  if (word !== undefined) return wrongPath(`alert${word}`);
  const glued = rest !== "" && !rest.startsWith("/");
  if (!glued && !(rest.startsWith(`/${hole}${hole}`) && !rest.slice(1).includes("/")))
    return undefined;
  const between = glued
    ? "between `alert` and the integration key"
    : "between the integration key and the routing key";
  return {
    code: "E0301",
    severity: "error",
    message: `the On-Call URL lost the \`/\` ${between}`,
    hint: "the path is /alert/<integration key>/<routing key>: without the slash every event is answered 404",
  };
}

function placeholder(rest: string): Mistake | undefined {
  const found = /<[a-z]+[_ -]?[a-z]*>|\$routing_key|\$api_key|\{(?:api|routing)_?key\}/iu.exec(
    rest,
  );
  if (found === null) return undefined;
  return {
    code: "E0302",
    severity: "error",
    message: `the On-Call URL still holds \`${found[0]}\`, which stands for a key of yours`,
    hint: secretsHint,
  };
}

const secretsHint =
  'keep keys out of scripts: `secrets.get(key: "VICTOROPS_API_KEY")`, and "${apiKey}" in the URL (import "influxdata/influxdb/secrets")';

function dummy(version: string): Mistake | undefined {
  if (!/^0+$/u.test(version)) return undefined;
  return {
    code: "W0312",
    severity: "warning",
    message: `${version} in the On-Call URL is a dummy of the documentation: On-Call answers 404 to it, and nobody is paged`,
    hint: `every integration has ${restVersion} there`,
  };
}

/** A key that stands in the script is read by all who may read the script. */
function literalKey(origin: string, rest: string): Mistake | undefined {
  const key = rest.split("/")[1] ?? "";
  if (key === "" || key.includes(hole) || isForTests(origin)) return undefined;
  return {
    code: "W0311",
    severity: "warning",
    message:
      "the integration key of On-Call stands in the script: whoever reads the script can page you",
    hint: secretsHint,
  };
}

const isForTests = (origin: string): boolean =>
  origin.includes(hole) ||
  /\/\/(?:localhost|127\.|\[::1\]|0\.0\.0\.0|[^/]*\bexample\.)/u.test(origin);
