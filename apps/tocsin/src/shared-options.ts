import type { Definitions } from "@tocsin/engine/interpret";
import { type Invocation, list, text } from "./command.ts";
import type { Configuration } from "./configuration.ts";
import { definitionsOf } from "./definitions.ts";
import { bucketSource, pairs, placeOf } from "./option-values.ts";

/** Options that several commands share: how help shows them, and what they give. */
export const bucketOption = {
  type: "string",
  multiple: true,
  value: "NAME=SOURCE",
  help: "where a bucket is: a file, a folder, or influxdb2:URL",
} as const;

export const defineOption = {
  type: "string",
  multiple: true,
  value: "NAME=FLUX",
  help: "sets an option of the script, or a member of one",
} as const;

export const secretsOption = {
  type: "string",
  value: "FILE",
  help: "file of KEY=value lines, or a folder with a file for each key",
} as const;

/** The sources of the buckets that `--bucket` and the configuration name. */
export function bucketsOf(invocation: Invocation, set: Configuration): ReadonlyMap<string, string> {
  const given = pairs(list(invocation, "bucket"), "--bucket", "NAME=SOURCE");
  const { cwd } = invocation.streams;
  return new Map([
    ...set.buckets,
    ...[...given].map(([name, source]) => [name, bucketSource(source, cwd)] as const),
  ]);
}

/** What `--define` sets, as text. */
export function definesOf(invocation: Invocation): ReadonlyMap<string, string> {
  return pairs(list(invocation, "define"), "--define", "NAME=FLUX");
}

/** What `--define` sets. */
export async function definitionsGiven(invocation: Invocation): Promise<Definitions> {
  return definitionsOf(definesOf(invocation));
}

/** Where secrets are, by `--secrets` and the configuration; undefined: in the environment. */
export function secretsPlace(invocation: Invocation, set: Configuration): string | undefined {
  return placeOf(text(invocation, "secrets") ?? set.secrets, invocation.streams.cwd);
}
