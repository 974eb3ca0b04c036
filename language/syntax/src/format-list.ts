import type { Comments } from "./format-comments.ts";
import {
  group,
  hardLine,
  ifBroken,
  indent,
  joined,
  type Layout,
  line,
  softLine,
} from "./layout.ts";
import type { Span } from "./span.ts";

/** One item of a list in brackets; `make` lays it out when its turn comes. */
export type Item = { readonly span: Span; readonly make: () => Layout };

/** The brackets around a list, and what stands behind the opening one. */
type Brackets = {
  readonly open: string;
  readonly close: string;
  /** Where the closing bracket stands: comments before it belong into the list. */
  readonly end: number;
  /** `r with` of a record. */
  readonly base?: string;
  /** Must be broken into lines. */
  readonly broken?: boolean;
};

/** Items on one line if they fit, else one a line with a comma behind the last. */
export function bracketed(comments: Comments, brackets: Brackets, items: readonly Item[]): Layout {
  const { open, close, end } = brackets;
  const base = brackets.base ?? "";
  const laidOut = items.map(({ span, make }, index): Layout => {
    const lead = comments.leading(span.start);
    const layout = make();
    const comma = index < items.length - 1 ? "," : ifBroken(",");
    return [lead, layout, comma, comments.trailing(span.end)];
  });
  const rest = comments.leading(end);
  const inner: Layout[] = joined(laidOut, line);
  if (rest.length > 0) inner.push(...(items.length > 0 ? [hardLine] : []), ...rest.slice(0, -1));
  if (inner.length === 0) return open + base + close;
  const gap = base === "" ? softLine : line;
  const broken = (brackets.broken ?? false) || laidOut.some(hasComment) || rest.length > 0;
  return group([open, base, indent([gap, inner]), softLine, close], broken);
}

/** Comments behind an item break the list, so that each stays with its item. */
function hasComment(item: Layout): boolean {
  const behind = Array.isArray(item) ? item.at(-1) : undefined;
  return Array.isArray(behind) && behind.length > 0;
}
