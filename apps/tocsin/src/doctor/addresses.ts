import { type AbstractRequest, abstraction } from "@tocsin/library/lint";
import { standardLibrary } from "@tocsin/library/stdlib";
import type { File } from "@tocsin/language/syntax";
import type { Secrets } from "@tocsin/platform/host";

/** An address that a script sends to. `url` is undefined where only a run can know it. */
export interface Address {
  readonly url: string | undefined;
  /** Keys of the secrets in it, in order. */
  readonly secrets: readonly string[];
  /** Whether events for On-Call go there. */
  readonly events: boolean;
}

/** The addresses that a script sends to, with those of its secrets that are present. The script is run on symbolic rows. */
export async function addressesOf(
  tree: File,
  secrets: Secrets,
  onSecret: (key: string, value: string) => void,
): Promise<Address[]> {
  const { runAbstractly, requestsOf } = await abstraction();
  const script = await runAbstractly(tree, { library: standardLibrary });
  const found: Address[] = [];
  for (const request of requestsOf(script)) found.push(await resolved(request, secrets, onSecret));
  return found;
}

async function resolved(
  { url, variants, integration }: AbstractRequest,
  secrets: Secrets,
  onSecret: (key: string, value: string) => void,
): Promise<Address> {
  const parts = url.kind === "text" ? url.parts : [url];
  const keys: string[] = [];
  let text: string | undefined = "";
  for (const part of parts) {
    const key = typeof part === "string" ? undefined : secretOf(part);
    if (typeof part === "string") text = text === undefined ? undefined : text + part;
    else if (part.kind === "string") text = text === undefined ? undefined : text + part.value;
    else if (key === undefined) text = undefined;
    else {
      keys.push(key);
      const value = await secrets.get(key);
      if (value !== undefined) onSecret(key, value);
      text = value === undefined || text === undefined ? undefined : text + value;
    }
  }
  const events = variants.length > 0 || integration !== undefined;
  return { url: text, secrets: keys, events };
}

function secretOf(part: AbstractRequest["url"]): string | undefined {
  if (part.kind !== "unknown" || part.from.length !== 1) return undefined;
  const [source] = part.from;
  return source.kind === "secret" ? source.key : undefined;
}
