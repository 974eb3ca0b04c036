import type { Diagnostic, Span } from "@tocsin/language/syntax";

import type { TypeMistake } from "./convert.ts";
import { describeCall, describeNotFunction } from "./describe-call.ts";
import { describeMismatch } from "./describe-clash.ts";
import { describeImport, describeMember, describePackageMember } from "./describe-member.ts";
import { describeUndefined } from "./describe-name.ts";
import type { Finding } from "./finding.ts";
import { kindNames } from "./kind.ts";
import { nearest } from "./near.ts";
import { basicNames } from "./type.ts";
import { list } from "./words.ts";
import type { World } from "./world.ts";

/** Puts all findings of a file into words, in the order of the text. */
export function describe(world: World, findings: readonly Finding[]): Diagnostic[] {
  const undefinedUses = findings.flatMap((each) => (each.kind === "undefined" ? [each.use] : []));
  const all = [
    ...describeUndefined(world, undefinedUses),
    ...findings.flatMap((finding) => describeOne(world, finding)),
  ];
  const known = new Set<string>();
  return all
    .filter((diagnostic) => {
      const { code, span } = diagnostic;
      const key = `${code} ${span.start} ${span.end}`;
      if (known.has(key) || world.isExplained(diagnostic)) return false;
      known.add(key);
      return true;
    })
    .sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
}

function describeOne(world: World, finding: Finding): Diagnostic[] {
  switch (finding.kind) {
    case "undefined":
      return [];
    case "import":
      // Where no path stands, the parser has said so.
      if (finding.node.path.span.start === finding.node.path.span.end) return [];
      return [describeImport(world, finding.node)];
    case "package member":
      return [describePackageMember(world, finding)];
    case "member":
      return [describeMember(finding)];
    case "mismatch":
      return [describeMismatch(finding)];
    case "call":
      return describeCall(world, finding);
    case "not a function":
      return [describeNotFunction(world, finding)];
    case "type mistake":
      return [describeTypeMistake(finding.mistake)];
    case "missing return":
    case "statement in function":
    case "early return":
    case "return outside":
      return [describeReturn(finding)];
    case "pipe literal":
      return [
        error(
          "E0219",
          finding.span,
          "`<-` marks a function's piped parameter: found outside of one",
          {
            hint: "write it as a parameter's default: `(tables=<-) => …`",
          },
        ),
      ];
    case "second pipe":
      return [error("E0220", finding.span, "a function takes at most one piped parameter")];
    case "label literal":
      return [
        error("E0223", finding.span, "labels like `.name` are an experiment and not known here", {
          hint: "write the name of the column as a string",
        }),
      ];
    case "assigned twice":
    case "option twice":
    case "option conflict":
    case "option dependency":
      return [describeName(finding)];
    default:
      return finding satisfies never;
  }
}

type Extra = Partial<Pick<Diagnostic, "hint" | "labels" | "fix">>;

function error(code: string, span: Span, message: string, extra: Extra = {}): Diagnostic {
  return { code, severity: "error", span, message, ...extra };
}

function describeName(
  finding: Extract<
    Finding,
    { kind: "assigned twice" | "option twice" | "option conflict" | "option dependency" }
  >,
): Diagnostic {
  switch (finding.kind) {
    case "assigned twice": {
      const { name, first } = finding;
      const labels = first.span ? [{ span: first.span, text: "first given here" }] : [];
      const what = first.kind === "parameter" ? "is a parameter" : "is already assigned";
      const message = `\`${name.name}\` ${what}: a name gets its value once`;
      return error("E0212", name.span, message, { labels, hint: "choose another name" });
    }
    case "option twice":
      return error("E0213", finding.span, `the option \`${finding.name}\` is already set`, {
        labels: [{ span: finding.first, text: "first set here" }],
        hint: "leave one of them out",
      });
    case "option conflict": {
      const { name, option } = finding;
      return error("E0214", name.span, `\`${name.name}\` is an option of this script`, {
        labels: [{ span: option, text: "the option" }],
        hint: "give the variable another name",
      });
    }
    case "option dependency": {
      const { option, use, other } = finding;
      const message = `the option \`${option}\` must not use the option \`${use.name}\``;
      return error("E0215", use.span, message, {
        labels: [{ span: other, text: "another option of this script" }],
        hint: "put the value into a variable that both use",
      });
    }
    default:
      return finding satisfies never;
  }
}

function describeReturn(
  finding: Extract<
    Finding,
    { kind: "missing return" | "statement in function" | "early return" | "return outside" }
  >,
): Diagnostic {
  switch (finding.kind) {
    case "missing return": {
      const { body } = finding.function;
      const last = body.kind === "Block" ? body.body.at(-1) : undefined;
      const message = "a function in braces must end with a `return` statement";
      const span = last?.span ?? body.span;
      if (last?.kind !== "ExpressionStatement") {
        const name = last?.kind === "VariableAssignment" ? last.name.name : "…";
        return error("E0216", span, message, { hint: `add \`return ${name}\` before the brace` });
      }
      const { start } = last.span;
      const edits = [{ span: { start, end: start }, text: "return " }];
      const fix = { description: "return the last value", edits };
      return error("E0216", span, message, { hint: "write `return` before the last line", fix });
    }
    case "statement in function": {
      const what = statementWord[finding.statement.kind];
      return error("E0217", finding.statement.span, `a function cannot hold ${what}`, {
        hint: "move it out of the function",
      });
    }
    case "early return":
      return error("E0217", finding.statement.span, "`return` must be the last statement", {
        hint: "choose between values with `if … then … else …`",
      });
    case "return outside":
      return error("E0218", finding.statement.span, "`return` is only known inside of a function", {
        hint: "leave the word out: a value on its own is a result",
      });
    default:
      return finding satisfies never;
  }
}

const statementWord: Readonly<
  Record<Extract<Finding, { kind: "statement in function" }>["statement"]["kind"], string>
> = {
  OptionStatement: "an option statement",
  BuiltinStatement: "a builtin statement",
  TestcaseStatement: "a testcase",
  ReturnStatement: "a return statement here",
  VariableAssignment: "an assignment here",
  ExpressionStatement: "an expression here",
  BadStatement: "this",
};

function describeTypeMistake(mistake: TypeMistake): Diagnostic {
  switch (mistake.kind) {
    case "type name": {
      const near = nearest(mistake.name, basicNames)?.name;
      const hint = near ? `did you mean \`${near}\`?` : `known are ${list(basicNames)}`;
      return error("E0221", mistake.span, `there is no type \`${mistake.name}\``, { hint });
    }
    case "kind name": {
      const near = nearest(mistake.name, kindNames)?.name;
      const hint = near ? `did you mean \`${near}\`?` : `known are ${list(kindNames)}`;
      return error("E0222", mistake.span, `there is no kind \`${mistake.name}\``, { hint });
    }
    case "second pipe":
      return error("E0220", mistake.span, "a function takes at most one piped parameter");
    case "label kind":
      return error("E0223", mistake.span, `\`${mistake.name}\` stands for a column's name`, {
        hint: `add \`where ${mistake.name}: Label\``,
      });
    default:
      return mistake satisfies never;
  }
}
