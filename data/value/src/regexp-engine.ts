/** A compiled pattern of the RE2 engine; indices are UTF-16 units. */
export type EnginePattern = {
  test(text: string): boolean;
  matcher(text: string): EngineMatcher;
  namedGroups(): Readonly<Record<string, number>>;
  groupCount(): number;
};

/** A search in one text: `find` looks from an index on, the rest describe what it found. */
export type EngineMatcher = {
  find(from: number): boolean;
  start(group: number): number;
  end(group: number): number;
};

type Engine = { compile(source: string): EnginePattern };

let engine: Engine | undefined;

/**
 * Loads the RE2 engine; resolves at once when it is there. The engine is a quarter of a megabyte of
 * code, so only programs that have a regular expression wait for it.
 */
export async function loadRegexps(): Promise<void> {
  if (engine !== undefined) return;
  const { RE2JS } = await import("re2js");
  engine = { compile: (source) => RE2JS.compile(source) };
}

/** Compiles with the loaded engine; throws the engine's error for a wrong pattern. */
export function compilePattern(source: string): EnginePattern {
  if (engine === undefined) {
    throw new Error("a regular expression was compiled before loadRegexps() had finished");
  }
  return engine.compile(source);
}
