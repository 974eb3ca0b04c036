import { utf8 } from "@tocsin/platform/host";

/** What stands where a secret stood. */
export const mask = "***";

/** Shorter values are no secrets: hiding them would hide half of every text. */
const shortestSecret = 5;

const urlKey = /(\/integrations\/generic\/\d{1,8}\/alert)\/[^\s"'<>\\]+/gi;
const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * Knows the secrets that were handed out in a run and takes them out of texts: as they are, as in a
 * URL, as in JSON, and in base64. The part of an On-Call URL after `/alert/` is always taken out.
 */
export class Masker {
  readonly #secrets = new Map<string, string>();
  #pattern: RegExp | undefined;
  #additions = 0;
  readonly #extra = new Set<string>();

  /** A secret was handed out under this key. */
  add(key: string, value: string): void {
    if (value === "" || this.#secrets.get(key) === value) return;
    this.#secrets.set(key, value);
    this.#additions += 1;
    this.#extra.add(value);
    this.#pattern = undefined;
  }
  /** A text that must not be shown but has no key, such as the key in a literal URL. */
  hide(value: string): void {
    if (this.#extra.has(value)) return;
    this.#extra.add(value);
    this.#pattern = undefined;
  }
  /** What was handed out, by key: the newest value of each. */
  get secrets(): ReadonlyMap<string, string> {
    return this.#secrets;
  }
  /** How often a secret was handed out that was not known: while it stays, `secrets` are the same. */
  get additions(): number {
    return this.#additions;
  }
  /** The text without secrets. */
  mask(text: string): string {
    const pattern = (this.#pattern ??= patternOf([...this.#extra]));
    return text.replace(urlKey, `$1/${mask}`).replace(pattern, mask);
  }
}

function patternOf(values: readonly string[]): RegExp {
  const forms = values.filter((one) => one.length >= shortestSecret).flatMap(formsOf);
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  const alternatives = longestFirst.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  return new RegExp(alternatives.length === 0 ? "(?!)" : alternatives.join("|"), "g");
}

function formsOf(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  // Some encoders write these three as escapes.
  const cautious = json.replace(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
  const wellFormed = utf8.decode(utf8.encode(value));
  const uri = encodeURIComponent(wellFormed);
  const plus = uri.replaceAll("%20", "+");
  const lower = uri.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());
  return [value, json, cautious, uri, plus, lower, encodeURI(wellFormed), ...base64Forms(value)];
}

/** The characters that base64 shows for `value` wherever it stands in the encoded text. */
function base64Forms(value: string): string[] {
  const bytes = utf8.encode(value);
  return [0, 1, 2].flatMap((shift) => {
    const bits = [...new Uint8Array(shift), ...bytes];
    const first = Math.ceil((shift * 8) / 6);
    const last = Math.floor((bits.length * 8) / 6);
    let text = "";
    for (let index = first; index < last; index++) {
      const at = Math.floor((index * 6) / 8);
      const pair = ((bits[at] << 8) | (bits[at + 1] ?? 0)) & 0xffff;
      text += base64Alphabet[(pair >> (10 - ((index * 6) % 8))) & 63];
    }
    if (text.length < shortestSecret) return [];
    return [text, text.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
