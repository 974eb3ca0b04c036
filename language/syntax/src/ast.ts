import type { SourceText, Span } from "./span.ts";

/** A whole script. What could not be understood is in it as `Bad…` nodes. */
export type File = {
  readonly kind: "File";
  readonly span: Span;
  /** The name it was given; "" when it has none. */
  readonly name: string;
  readonly source: SourceText;
  readonly package?: PackageClause | undefined;
  readonly imports: readonly ImportDeclaration[];
  readonly body: readonly Statement[];
  /** In the order of the text. */
  readonly comments: readonly Comment[];
  /** Without an error. Otherwise the tree is the best guess and must not be run or formatted. */
  readonly wellFormed: boolean;
};

/** A line comment: from its slashes to the end of the line. */
export type Comment = { readonly kind: "Comment"; readonly span: Span; readonly text: string };

/** `@name` or `@name(a, b)` before a package clause, an import or a statement. No meaning yet. */
export type Attribute = {
  readonly kind: "Attribute";
  readonly span: Span;
  readonly name: string;
  readonly parameters: readonly Expression[];
};

/** `package name`. */
export type PackageClause = {
  readonly kind: "PackageClause";
  readonly span: Span;
  readonly attributes: readonly Attribute[];
  readonly name: Identifier;
};

/** `import "path"` or `import alias "path"`. */
export type ImportDeclaration = {
  readonly kind: "ImportDeclaration";
  readonly span: Span;
  readonly attributes: readonly Attribute[];
  readonly alias?: Identifier | undefined;
  readonly path: StringLiteral;
};

/** Whatever may stand in a file or a block. */
export type Statement =
  | OptionStatement
  | BuiltinStatement
  | TestcaseStatement
  | ReturnStatement
  | VariableAssignment
  | ExpressionStatement
  | BadStatement;

type StatementNode<Kind extends string> = {
  readonly kind: Kind;
  readonly span: Span;
  readonly attributes: readonly Attribute[];
};

/** `option name = value` or `option package.name = value`. */
export type OptionStatement = StatementNode<"OptionStatement"> & {
  readonly target: Identifier | OptionTarget;
  readonly value: Expression;
};

/** `package.name` on the left of an option statement. */
export type OptionTarget = {
  readonly kind: "OptionTarget";
  readonly span: Span;
  readonly object: Identifier;
  readonly property: Identifier;
};

/** `builtin name : type`. */
export type BuiltinStatement = StatementNode<"BuiltinStatement"> & {
  readonly name: Identifier;
  readonly type: TypeExpression;
};

/** `testcase name { … }`, perhaps extending another. */
export type TestcaseStatement = StatementNode<"TestcaseStatement"> & {
  readonly name: Identifier;
  readonly extends?: StringLiteral | undefined;
  readonly body: Block;
};

/** Parsed wherever a statement may stand; only the last statement of a function may be one. */
export type ReturnStatement = StatementNode<"ReturnStatement"> & { readonly argument: Expression };

/** `name = value`. */
export type VariableAssignment = StatementNode<"VariableAssignment"> & {
  readonly name: Identifier;
  readonly value: Expression;
};

/** An expression on a line of its own. */
export type ExpressionStatement = StatementNode<"ExpressionStatement"> & {
  readonly expression: Expression;
};

/** A stretch of text that is no statement; it has been reported. */
export type BadStatement = StatementNode<"BadStatement">;

/** Statements in braces: the body of a function or of a testcase. */
export type Block = {
  readonly kind: "Block";
  readonly span: Span;
  readonly body: readonly Statement[];
};

/** Whatever has a value. */
export type Expression =
  | Identifier
  | MemberExpression
  | IndexExpression
  | CallExpression
  | PipeExpression
  | BinaryExpression
  | LogicalExpression
  | UnaryExpression
  | ConditionalExpression
  | FunctionExpression
  | ArrayExpression
  | DictExpression
  | RecordExpression
  | StringExpression
  | ParenExpression
  | Literal
  | BadExpression;

/** Expressions that are written as their value. */
export type Literal =
  | StringLiteral
  | IntegerLiteral
  | FloatLiteral
  | DurationLiteral
  | DateTimeLiteral
  | RegexpLiteral
  | PipeLiteral
  | LabelLiteral;

/** A name. `""` stands where one was missing; that has been reported. */
export type Identifier = {
  readonly kind: "Identifier";
  readonly span: Span;
  readonly name: string;
};

/** `object.name` or `object["name"]`: the same thing, told apart by the property's kind. */
export type MemberExpression = {
  readonly kind: "MemberExpression";
  readonly span: Span;
  readonly object: Expression;
  readonly property: PropertyKey;
};

/** `object[index]`, where index is anything but a plain string literal. */
export type IndexExpression = {
  readonly kind: "IndexExpression";
  readonly span: Span;
  readonly object: Expression;
  readonly index: Expression;
};

/** `callee(arguments)`. */
export type CallExpression = {
  readonly kind: "CallExpression";
  readonly span: Span;
  readonly callee: Expression;
  readonly arguments: readonly Property[];
};

/** `input |> call`. */
export type PipeExpression = {
  readonly kind: "PipeExpression";
  readonly span: Span;
  readonly input: Expression;
  readonly call: CallExpression;
};

/** Operators of arithmetic, comparison and matching. */
export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "^"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "=~"
  | "!~";

/** `left operator right`, for all operators but `and` and `or`. */
export type BinaryExpression = {
  readonly kind: "BinaryExpression";
  readonly span: Span;
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
};

/** `left and right`, `left or right`. */
export type LogicalExpression = {
  readonly kind: "LogicalExpression";
  readonly span: Span;
  readonly operator: "and" | "or";
  readonly left: Expression;
  readonly right: Expression;
};

/** `-x`, `+x`, `not x`, `exists x`. */
export type UnaryExpression = {
  readonly kind: "UnaryExpression";
  readonly span: Span;
  readonly operator: "+" | "-" | "not" | "exists";
  readonly argument: Expression;
};

/** `if test then consequent else alternate`. */
export type ConditionalExpression = {
  readonly kind: "ConditionalExpression";
  readonly span: Span;
  readonly test: Expression;
  readonly consequent: Expression;
  readonly alternate: Expression;
};

/** `(parameters) => body`. */
export type FunctionExpression = {
  readonly kind: "FunctionExpression";
  readonly span: Span;
  readonly parameters: readonly Parameter[];
  readonly body: Expression | Block;
};

/** `key`, `key = default`, or `key = <-` (then `pipe` is set and there is no default). */
export type Parameter = {
  readonly kind: "Parameter";
  readonly span: Span;
  readonly key: Identifier;
  readonly default?: Expression | undefined;
  readonly pipe: boolean;
};

/** `[a, b]`. */
export type ArrayExpression = {
  readonly kind: "ArrayExpression";
  readonly span: Span;
  readonly elements: readonly Expression[];
};

/** `[key: value, …]`; empty as `[:]`. */
export type DictExpression = {
  readonly kind: "DictExpression";
  readonly span: Span;
  readonly entries: readonly DictEntry[];
};

/** `key: value` of a dictionary. */
export type DictEntry = {
  readonly kind: "DictEntry";
  readonly span: Span;
  readonly key: Expression;
  readonly value: Expression;
};

/** `{a: 1, b: 2}`, `{a, b}` or `{base with a: 1}`. */
export type RecordExpression = {
  readonly kind: "RecordExpression";
  readonly span: Span;
  readonly with?: Identifier | undefined;
  readonly properties: readonly Property[];
};

/** The key of a property: a name, or a text in quotes. */
export type PropertyKey = Identifier | StringLiteral;

/** `key: value` of a record or of a call's arguments; without a value, `a` means `a: a`. */
export type Property = {
  readonly kind: "Property";
  readonly span: Span;
  readonly key: PropertyKey;
  readonly value?: Expression | undefined;
};

/** A string with at least one `${…}`. */
export type StringExpression = {
  readonly kind: "StringExpression";
  readonly span: Span;
  readonly parts: readonly StringPart[];
};

/** What a string with interpolations is made of. */
export type StringPart = TextPart | InterpolatedPart;

/** The span is that of the text between interpolations, escapes not yet resolved. */
export type TextPart = { readonly kind: "TextPart"; readonly span: Span; readonly value: string };

/** `${expression}`. */
export type InterpolatedPart = {
  readonly kind: "InterpolatedPart";
  readonly span: Span;
  readonly expression: Expression;
};

/** The formatter keeps parentheses as they were written, so they are nodes. */
export type ParenExpression = {
  readonly kind: "ParenExpression";
  readonly span: Span;
  readonly expression: Expression;
};

/** `value` has its escapes resolved. */
export type StringLiteral = {
  readonly kind: "StringLiteral";
  readonly span: Span;
  readonly value: string;
};

/** Never negative, at most 2^63 - 1. */
export type IntegerLiteral = {
  readonly kind: "IntegerLiteral";
  readonly span: Span;
  readonly value: bigint;
};

/** `1.5`, `.5`, `1.`. */
export type FloatLiteral = {
  readonly kind: "FloatLiteral";
  readonly span: Span;
  readonly value: number;
};

/** Units of duration literals. */
export type DurationUnit = "y" | "mo" | "w" | "d" | "h" | "m" | "s" | "ms" | "us" | "ns";

/** `1h30m`: the values in the order of the text; a unit may come again, values add up. */
export type DurationLiteral = {
  readonly kind: "DurationLiteral";
  readonly span: Span;
  readonly values: readonly { readonly magnitude: bigint; readonly unit: DurationUnit }[];
};

/** A date alone is midnight UTC. */
export type DateTimeLiteral = {
  readonly kind: "DateTimeLiteral";
  readonly span: Span;
  readonly text: string;
  /** Nanoseconds since 1970, a signed 64-bit number; absent when the text has been reported. */
  readonly value?: bigint | undefined;
};

/** `pattern` is the RE2 expression: `\/` and `\xHH` are already resolved. */
export type RegexpLiteral = {
  readonly kind: "RegexpLiteral";
  readonly span: Span;
  readonly pattern: string;
};

/** `<-` where it is no parameter's default; the checker refuses it there. */
export type PipeLiteral = { readonly kind: "PipeLiteral"; readonly span: Span };

/** `.name` or `."any text"`. */
export type LabelLiteral = {
  readonly kind: "LabelLiteral";
  readonly span: Span;
  readonly value: string;
};

/** Something that is no expression; it has been reported, so nothing else needs to be said. */
export type BadExpression = { readonly kind: "BadExpression"; readonly span: Span };

/** The type of a builtin: `type where A: Kind + Kind, B: Kind`. */
export type TypeExpression = {
  readonly kind: "TypeExpression";
  readonly span: Span;
  readonly type: TypeNode;
  readonly constraints: readonly TypeConstraint[];
};

/** `A: Kind + Kind` behind `where`. */
export type TypeConstraint = {
  readonly kind: "TypeConstraint";
  readonly span: Span;
  readonly variable: Identifier;
  readonly kinds: readonly Identifier[];
};

/** Whatever stands for a type. */
export type TypeNode =
  | TypeVariable
  | NamedType
  | DynamicType
  | ArrayType
  | DictType
  | StreamType
  | VectorType
  | RecordType
  | FunctionType
  | LabelType
  | BadType;

/** A name of one letter. */
export type TypeVariable = {
  readonly kind: "TypeVariable";
  readonly span: Span;
  readonly name: string;
};

/** `int`, `string`, …; the parser does not know which names exist. */
export type NamedType = { readonly kind: "NamedType"; readonly span: Span; readonly name: string };

/** `dynamic`. */
export type DynamicType = { readonly kind: "DynamicType"; readonly span: Span };

/** `[element]`. */
export type ArrayType = {
  readonly kind: "ArrayType";
  readonly span: Span;
  readonly element: TypeNode;
};

/** `[key: value]`. */
export type DictType = {
  readonly kind: "DictType";
  readonly span: Span;
  readonly key: TypeNode;
  readonly value: TypeNode;
};

/** `stream[element]`. */
export type StreamType = {
  readonly kind: "StreamType";
  readonly span: Span;
  readonly element: TypeNode;
};

/** `vector[element]`. */
export type VectorType = {
  readonly kind: "VectorType";
  readonly span: Span;
  readonly element: TypeNode;
};

/** `{a: int}` or `{A with a: int}`. */
export type RecordType = {
  readonly kind: "RecordType";
  readonly span: Span;
  readonly with?: Identifier | undefined;
  readonly properties: readonly PropertyType[];
};

/** `key: type` of a record type. */
export type PropertyType = {
  readonly kind: "PropertyType";
  readonly span: Span;
  readonly key: PropertyKey;
  readonly type: TypeNode;
};

/** `(parameters) => result`. */
export type FunctionType = {
  readonly kind: "FunctionType";
  readonly span: Span;
  readonly parameters: readonly ParameterType[];
  readonly result: TypeNode;
};

/** `a: T`, `?a: T`, `?a: T = .label`, `<-a: T` or `<-: T` (then the name is absent). */
export type ParameterType = {
  readonly kind: "ParameterType";
  readonly span: Span;
  readonly mode: "required" | "optional" | "pipe";
  readonly name?: Identifier | undefined;
  readonly type: TypeNode;
  readonly default?: LabelLiteral | undefined;
};

/** `.label`. */
export type LabelType = { readonly kind: "LabelType"; readonly span: Span; readonly value: string };

/** Something that is no type; it has been reported. */
export type BadType = { readonly kind: "BadType"; readonly span: Span };

/** Anything of a tree that has a kind and a span. */
export type Node =
  | File
  | Comment
  | Attribute
  | PackageClause
  | ImportDeclaration
  | Statement
  | OptionTarget
  | Block
  | Expression
  | Parameter
  | DictEntry
  | Property
  | StringPart
  | TypeExpression
  | TypeConstraint
  | TypeNode
  | PropertyType
  | ParameterType;

/** The name that a property key stands for, however it was written. */
export function keyName(key: PropertyKey): string {
  return key.kind === "Identifier" ? key.name : key.value;
}

/** The expression inside any parentheses around it. */
export function withoutParens(expression: Expression): Expression {
  let inner = expression;
  while (inner.kind === "ParenExpression") inner = inner.expression;
  return inner;
}
