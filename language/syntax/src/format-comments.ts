import type { Comment, File } from "./ast.ts";
import { hardLine, type Layout, suffix } from "./layout.ts";

/**
 * The comments of a file in order, handed out as the formatter comes to their places. None is lost:
 * one that stands where it cannot be printed comes before the next thing that can have one.
 */
export class Comments {
  readonly #comments: readonly Comment[];
  readonly #text: string;
  #next = 0;

  constructor(file: File) {
    this.#comments = file.comments;
    this.#text = file.source.text;
  }

  /** Whether a comment waits that stands before `offset`. */
  waits(offset: number): boolean {
    return this.#next < this.#comments.length && this.#comments[this.#next].span.start < offset;
  }

  /** The next comment that stands before `offset`. */
  take(offset: number): Comment | undefined {
    if (!this.waits(offset)) return undefined;
    this.#next += 1;
    return this.#comments[this.#next - 1];
  }

  /** Comments before `offset`, each on a line of its own, for what comes then. */
  leading(offset: number): Layout[] {
    const found: Layout[] = [];
    for (let comment = this.take(offset); comment; comment = this.take(offset)) {
      found.push(comment.text.trimEnd(), hardLine);
    }
    return found;
  }

  /** Comments behind `end` on its line, with nothing but a comma between. */
  trailing(end: number): Layout[] {
    const found: Layout[] = [];
    let from = end;
    while (this.#next < this.#comments.length) {
      const { span, text } = this.#comments[this.#next];
      if (span.start < from || !/^[ \t\r,]*$/.test(this.#text.slice(from, span.start))) break;
      found.push(suffix(` ${text.trimEnd()}`));
      this.#next += 1;
      from = span.end;
    }
    return found;
  }

  /** Passes over comments that are printed as part of a verbatim stretch of text. */
  skip(end: number): void {
    while (this.waits(end)) this.#next += 1;
  }

  /** Whether an empty line lies between two offsets. */
  blankBetween(from: number, to: number): boolean {
    return /\n[ \t\r]*\n/.test(this.#text.slice(from, to));
  }
}
