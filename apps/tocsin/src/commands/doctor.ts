import { Masker } from "@tocsin/alerting/oncall";
import { choice, type Command } from "../command.ts";
import { examined } from "../doctor/examination.ts";
import { lineOf } from "../doctor/finding.ts";
import { bucketOption, secretsOption } from "../shared-options.ts";

/** `tocsin doctor`. */
export const command: Command = {
  summary: "Checks everything that a page has to pass, and says what stands in its way.",
  usage: "[FILE…] [--send]",
  details:
    "It checks the configuration and where each value comes from, secrets (whether they are present, never their values),\n" +
    "buckets, this outbox and others, the clock, and for each endpoint of the scripts and of the outbox its proxy, name,\n" +
    "certificate and answer. Exit codes: 0 no problem; 1 a problem; 2 wrong usage or configuration; 3 the only problem\n" +
    "is that events wait.",
  options: {
    send: {
      type: "boolean",
      help: "posts an INFO event, which pages nobody, and explains the answer",
    },
    "deliver-to": { type: "string", value: "URL", help: "sends that event to this origin instead" },
    output: { type: "string", value: "FORMAT", help: "text or json (default: text)" },
    bucket: bucketOption,
    data: { type: "string", value: "DIR", help: "folder of the outbox and the embedded buckets" },
    secrets: secretsOption,
  },
  examples: ["tocsin doctor alert.flux", "tocsin doctor --send alert.flux"],
  run: async (invocation) => {
    const format = choice(invocation, "output", ["text", "json"]);
    const masker = new Masker();
    const findings = await examined(invocation, masker);
    const shown =
      format === "json"
        ? `${JSON.stringify(findings, undefined, 2)}\n`
        : findings.map((one) => `${lineOf(one).replace(/\p{Cc}/gu, " ")}\n`).join("");
    invocation.streams.out.write(masker.mask(shown));
    const problems = findings.filter(({ state }) => state === "problem");
    if (problems.length === 0) return 0;
    return problems.every(({ area }) => area === "outbox") ? 3 : 1;
  },
};
