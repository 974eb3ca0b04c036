import { utf8 } from "@tocsin/platform/host";
import { htmlSafe, pathSegment } from "./escapes.ts";

/** What stands where a secret stood. */
export const mask = "***";

/** Shorter values stand in every text by chance: they are taken out as whole words only. */
const shortestSecret = 5;
/**
 * Still shorter ones, and those of small letters only, are words of a sentence, such as the team in "pages ops": they are
 * taken out as whole values only, as a URL, a header or JSON has them.
 */
const shortestWord = 3;

/** Also of an address that lost the slash before its key. */
const urlKey = /(\/integrations\/generic\/\d{1,8}\/alert(?:\/|(?=[^\s"'<>\\/])))[^\s"'<>\\]+/gi;
const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * Knows the secrets that were handed out in a run and takes them out of texts: as they are, as in a
 * URL, as in JSON, and in base64; of what was cut (`…`) also their beginnings. The part of an On-Call URL
 * after `/alert/` is always taken out.
 */
export class Masker {
  readonly #secrets = new Map<string, string>();
  readonly #handedOut: (readonly [key: string, value: string])[] = [];
  #forms: Forms | undefined;
  #additions = 0;
  readonly #extra = new Set<string>();

  /** A secret was handed out under this key. */
  add(key: string, value: string): void {
    if (value === "" || this.#secrets.get(key) === value) return;
    this.#secrets.set(key, value);
    this.#handedOut.unshift([key, value]);
    this.#additions += 1;
    this.#extra.add(value);
    this.#forms = undefined;
  }
  /** A text that must not be shown but has no key, such as the key in a literal URL. */
  hide(value: string): void {
    if (this.#extra.has(value)) return;
    this.#extra.add(value);
    this.#forms = undefined;
  }
  /** What was handed out, by key: the newest value of each. */
  get secrets(): ReadonlyMap<string, string> {
    return this.#secrets;
  }
  /** Everything that was handed out, the newest first: a script goes on with the value of a key that is changed meanwhile. */
  get handedOut(): readonly (readonly [key: string, value: string])[] {
    return this.#handedOut;
  }
  /** How often a secret was handed out that was not known: while it stays, `secrets` are the same. */
  get additions(): number {
    return this.#additions;
  }
  /** The text without secrets. */
  mask(text: string): string {
    const { pattern, longestFirst } = (this.#forms ??= formsOfAll([...this.#extra]));
    const masked = text.replace(urlKey, `$1${mask}`).replace(pattern, mask);
    return longestFirst.length > 0 ? withoutBeginnings(masked, longestFirst) : masked;
  }
}

/** What a text is searched for. */
interface Forms {
  readonly pattern: RegExp;
  readonly longestFirst: readonly string[];
}

function formsOfAll(values: readonly string[]): Forms {
  const forms = values.filter((one) => /[\p{L}\p{N}]/u.test(one) || one.length >= shortestSecret);
  const longestFirst = [...new Set(forms.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  const pattern = longestFirst.length === 0 ? "(?!)" : longestFirst.map(patternOf).join("|");
  return { pattern: new RegExp(pattern, "gmu"), longestFirst };
}

function patternOf(form: string): string {
  const escaped = form.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  if (form.length >= shortestSecret) return escaped;
  if (form.length >= shortestWord && !/^[a-z]+$/.test(form))
    return `(?<![\\p{L}\\p{N}_-])${escaped}(?![\\p{L}\\p{N}_-])`;
  const quoted = "(?<=[\"'`]|^|\\b(?:Bearer|Basic|Token|Splunk) )";
  return [
    `(?<=[/=])${escaped}(?=[/?&#"'\`\\\\\\s,;)}\\]]|$)`,
    `${quoted}${escaped}(?=["'\`\\\\]|$)`,
    `(?<=: )${escaped}$`,
  ].join("|");
}

/** Where the rest of a text was left out. */
const cut = /…|\.\.\./g;

/** The text without what is the beginning of a secret whose rest was left out. */
function withoutBeginnings(text: string, forms: readonly string[]): string {
  let [shown, from] = ["", 0];
  for (const { index } of text.matchAll(cut)) {
    const part = text.slice(from, index);
    // A space may stand before the dots, and a quote behind what they leave out.
    const end = part.replace(/["'`]? ?$/, "");
    const known = Math.max(0, ...forms.map((form) => beginningAt(end, form)));
    shown += known === 0 ? part : end.slice(0, -known) + mask + part.slice(end.length);
    from = index;
  }
  return shown + text.slice(from);
}

/** How many characters of `form`, but not all of them, a text ends with; 0 when too few to tell. */
function beginningAt(text: string, form: string): number {
  for (let length = form.length - 1; length >= shortestSecret; length--)
    if (text.endsWith(form.slice(0, length))) return length;
  return 0;
}

function formsOf(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const wellFormed = utf8.decode(utf8.encode(value));
  const uri = encodeURIComponent(wellFormed);
  const plus = uri.replaceAll("%20", "+");
  const lower = uri.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());
  const forms = [value, json, htmlSafe(json), uri, plus, lower, encodeURI(wellFormed)];
  return [...forms, pathSegment(wellFormed), ...base64Forms(value)];
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
    // Of a few bytes this is a piece that other texts have, too.
    if (text.length < shortestSecret) return [];
    return [text, text.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
