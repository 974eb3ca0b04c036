import { nearest, UsageError } from "./command.ts";
import { milliseconds } from "./quantity.ts";

/** An address that must not be shown: the URL itself, or the key of the secret that holds it. */
export interface HiddenAddress {
  readonly url?: string;
  readonly secret?: string;
}

/** `[delivery]` and `[watchdog]` of `tocsin.toml`. Times in milliseconds. */
export interface DeliverySettings {
  /** Whether an event replaces waiting ones of earlier runs. */
  readonly supersede?: boolean;
  readonly watchdog?: HiddenAddress & { readonly lateAfter: number };
  readonly fallback?: HiddenAddress & {
    readonly command?: readonly string[];
    readonly lateAfter: number;
  };
}

/** A page that has waited longer is late. Milliseconds. */
export const lateAfterDefault = 5 * 60_000;

/** Reads both tables. Throws `UsageError`, which names the file and, for an unknown key, the nearest one. */
export function deliverySettings(
  path: string,
  tables: { readonly delivery: unknown; readonly watchdog: unknown },
): DeliverySettings {
  const file = new SettingsFile(path);
  const delivery = file.table(tables.delivery, "delivery", ["supersede", "fallback"]);
  const { supersede } = delivery;
  if (supersede !== undefined && typeof supersede !== "boolean") {
    throw new UsageError(`${path}: delivery.supersede is true or false`);
  }
  const watchdog = tables.watchdog === undefined ? undefined : file.watchdog(tables.watchdog);
  const fallback =
    delivery["fallback"] === undefined ? undefined : file.fallback(delivery["fallback"]);
  return {
    ...(supersede === undefined ? {} : { supersede }),
    ...(watchdog === undefined ? {} : { watchdog }),
    ...(fallback === undefined ? {} : { fallback }),
  };
}

class SettingsFile {
  readonly #path: string;
  constructor(path: string) {
    this.#path = path;
  }

  table(value: unknown, name: string, known: readonly string[]): Record<string, unknown> {
    if (value === undefined) return {};
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new UsageError(`${this.#path}: ${name} should be a table`);
    }
    for (const key of Object.keys(value)) {
      if (known.includes(key)) continue;
      const near = nearest(key, known);
      const hint = near === undefined ? "" : `; did you mean ${near}?`;
      throw new UsageError(`${this.#path}: there is no setting "${name}.${key}"${hint}`);
    }
    return { ...value };
  }

  watchdog(value: unknown): DeliverySettings["watchdog"] {
    const table = this.table(value, "watchdog", ["url", "url_secret", "late_after"]);
    const address = this.#address(table, "watchdog");
    if (address === undefined) throw this.#oneOf("watchdog", "url, url_secret");
    return { ...address, lateAfter: this.#lateAfter(table, "watchdog") };
  }

  fallback(value: unknown): DeliverySettings["fallback"] {
    const name = "delivery.fallback";
    const table = this.table(value, name, ["url", "url_secret", "command", "late_after"]);
    const address = this.#address(table, name);
    const command = this.#command(table["command"]);
    if ((address === undefined) === (command === undefined)) {
      throw this.#oneOf(name, "url, url_secret, command");
    }
    const way = command === undefined ? { ...address } : { command };
    return { ...way, lateAfter: this.#lateAfter(table, name) };
  }

  #command(value: unknown): readonly string[] | undefined {
    if (value === undefined) return undefined;
    const words = Array.isArray(value) ? value : [];
    const texts = words.filter((one): one is string => typeof one === "string");
    if (texts.length > 0 && texts.length === words.length) return texts;
    throw new UsageError(
      `${this.#path}: delivery.fallback.command is a list of words, such as ["mail", "-s", "page", "ops@example.com"]`,
    );
  }

  #address(table: Record<string, unknown>, name: string): HiddenAddress | undefined {
    const { url, url_secret: secret } = table;
    if (url === undefined && secret === undefined) return undefined;
    if (url !== undefined && secret !== undefined) throw this.#oneOf(name, "url, url_secret");
    if (typeof secret === "string") return { secret };
    // The value is not shown: it may be the address.
    if (typeof url === "string" && /^https?:\/\/./.test(url)) return { url };
    throw new UsageError(
      `${this.#path}: ${name}.url is an address that begins with http:// or https://, and ` +
        `${name}.url_secret the key of the secret that holds it`,
    );
  }

  #lateAfter(table: Record<string, unknown>, name: string): number {
    const { late_after: given } = table;
    if (given === undefined) return lateAfterDefault;
    if (typeof given !== "string") {
      throw new UsageError(`${this.#path}: ${name}.late_after is a duration such as "5m"`);
    }
    return milliseconds(given, `${this.#path}: ${name}.late_after`);
  }

  #oneOf(name: string, keys: string): UsageError {
    return new UsageError(`${this.#path}: ${name} needs one of ${keys}`);
  }
}
