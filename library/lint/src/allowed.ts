import type { Comment, Diagnostic, File } from "@tocsin/language/syntax";

/** A comment that takes a warning back. */
interface Allowance {
  readonly comment: Comment;
  readonly codes: readonly string[];
  readonly reason: string;
  /** The lines that it speaks about. */
  readonly lines: readonly number[];
}

const shape = /^\/\/\s*tocsin:\s*allow\b[\s,]*((?:[EW]\d{4}[\s,]*)*)(.*)$/iu;

/**
 * The warnings that no comment of the script allows. `// tocsin: allow W0306 because …` speaks about its
 * own line, and about the next one when it stands alone. An allowance without a reason, and one for which there
 * is no warning, are warnings themselves; errors cannot be allowed.
 */
export function allowed(tree: File, found: readonly Diagnostic[]): Diagnostic[] {
  const allowances = tree.comments.flatMap((comment) => allowanceOf(tree, comment));
  if (allowances.length === 0) return [...found];
  const used = new Set<string>();
  const left = found.filter(({ code, severity, span }) => {
    const line = tree.source.lineAt(span.start);
    const by = allowances.filter(
      ({ codes, lines }) => codes.includes(code) && lines.includes(line),
    );
    for (const one of by) used.add(keyOf(one, code));
    return severity === "error" || by.length === 0;
  });
  return [...left, ...allowances.flatMap((one) => complaints(one, used))];
}

const keyOf = ({ comment }: Allowance, code: string): string => `${comment.span.start} ${code}`;

function allowanceOf(tree: File, comment: Comment): Allowance[] {
  const found = shape.exec(tree.source.text.slice(comment.span.start, comment.span.end).trimEnd());
  if (found === null) return [];
  const [, codes, rest] = found;
  return [
    {
      comment,
      codes: codes.toUpperCase().match(/[EW]\d{4}/gu) ?? [],
      reason: rest.replace(/^\s*because\b/iu, "").trim(),
      lines: linesOf(tree, comment),
    },
  ];
}

function linesOf({ source, comments }: File, { span }: Comment): number[] {
  const isAlone = (one: Comment): boolean => {
    const { start } = source.lineSpan(source.lineAt(one.span.start));
    return source.text.slice(start, one.span.start).trim() === "";
  };
  const line = source.lineAt(span.start);
  if (source.text.slice(source.lineSpan(line).start, span.start).trim() !== "") return [line];
  // Comments that follow stand between: the first line behind them is meant.
  const alone = new Set(comments.filter(isAlone).map((one) => source.lineAt(one.span.start)));
  let next = line + 1;
  while (alone.has(next)) next += 1;
  return [line, next];
}

function complaints(allowance: Allowance, used: ReadonlySet<string>): Diagnostic[] {
  const { comment, codes, reason } = allowance;
  const of = (code: string, message: string, hint: string): Diagnostic => ({
    code,
    severity: "warning",
    span: comment.span,
    message,
    hint,
  });
  if (codes.length === 0)
    return [
      of(
        "W0323",
        "this allows nothing: it names no code",
        "write // tocsin: allow W0306 because …",
      ),
    ];
  const unused = codes.filter((code) => !used.has(keyOf(allowance, code)));
  return [
    ...(reason === ""
      ? [
          of(
            "W0322",
            `${codes.join(", ")} is allowed without a reason`,
            `say why, for whoever reads it next: // tocsin: allow ${codes.join(", ")} because …`,
          ),
        ]
      : []),
    ...unused.map((code) =>
      of(
        "W0323",
        `there is no warning ${code} here that this could allow`,
        "remove it: it would hide one that comes later",
      ),
    ),
  ];
}
