import { shortened } from "@tocsin/platform/host";

/** What a token is. Numbers, because the parser compares them a million times. */
export const Token = {
  Eof: 0,
  Identifier: 1,
  Integer: 2,
  Float: 3,
  Duration: 4,
  DateTime: 5,
  /** A whole string without interpolation. */
  String: 6,
  /** The opening quote of a string that has to be read piece by piece. */
  Quote: 7,
  Regexp: 8,
  Attribute: 9,
  And: 10,
  Or: 11,
  Not: 12,
  Import: 13,
  Package: 14,
  Return: 15,
  Option: 16,
  Builtin: 17,
  Testcase: 18,
  If: 19,
  Then: 20,
  Else: 21,
  Exists: 22,
  Plus: 23,
  Minus: 24,
  Star: 25,
  Slash: 26,
  Percent: 27,
  Caret: 28,
  Equal: 29,
  NotEqual: 30,
  Less: 31,
  LessEqual: 32,
  Greater: 33,
  GreaterEqual: 34,
  Matches: 35,
  NotMatches: 36,
  Assign: 37,
  Arrow: 38,
  PipeReceive: 39,
  LeftParen: 40,
  RightParen: 41,
  LeftBracket: 42,
  RightBracket: 43,
  LeftBrace: 44,
  RightBrace: 45,
  Colon: 46,
  PipeForward: 47,
  Comma: 48,
  Dot: 49,
  Question: 50,
  /** Pieces of a string, given only by the scanner's `stringPiece`. */
  Text: 51,
  Interpolation: 52,
} as const;

/** One of the numbers of `Token`. */
export type TokenKind = (typeof Token)[keyof typeof Token];

/** Words that cannot be names. */
export const keywords: ReadonlyMap<string, TokenKind> = new Map<string, TokenKind>([
  ["and", Token.And],
  ["or", Token.Or],
  ["not", Token.Not],
  ["import", Token.Import],
  ["package", Token.Package],
  ["return", Token.Return],
  ["option", Token.Option],
  ["builtin", Token.Builtin],
  ["testcase", Token.Testcase],
  ["if", Token.If],
  ["then", Token.Then],
  ["else", Token.Else],
  ["exists", Token.Exists],
]);

/** A reserved word: `and` … `exists`. */
export function isKeyword(kind: TokenKind): boolean {
  return kind >= Token.And && kind <= Token.Exists;
}

/** `)`, `]` or `}`. */
export function isCloser(kind: TokenKind): boolean {
  return kind === Token.RightParen || kind === Token.RightBracket || kind === Token.RightBrace;
}

/** The name of a token kind in a dump of tokens. */
export function tokenName(kind: TokenKind): string {
  for (const [name, value] of Object.entries(Token)) if (value === kind) return name;
  return "";
}

/** A token as an error message names it: what was found, in the author's terms. */
export function describeToken(kind: TokenKind, text: string): string {
  switch (kind) {
    case Token.Eof:
      return "the end of the file";
    case Token.Identifier:
      return `the name \`${shown(text)}\``;
    case Token.Integer:
    case Token.Float:
      return `the number ${shown(text)}`;
    case Token.Duration:
      return `the duration ${shown(text)}`;
    case Token.DateTime:
      return `the time ${shown(text)}`;
    case Token.String:
    case Token.Quote:
      return "a string";
    case Token.Regexp:
      return "a regular expression";
    case Token.Attribute:
      return `the attribute ${shown(text)}`;
    default:
      return isKeyword(kind) ? `the keyword \`${text}\`` : `\`${shown(text)}\``;
  }
}

const shown = (text: string): string => shortened(text, 40);
