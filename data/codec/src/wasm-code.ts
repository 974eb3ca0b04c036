/** Instructions of WebAssembly as bytes, in order, in nested lists. An expression leaves one value on the stack. */
export type Code = readonly (number | Code | Block)[];
/** A long list of bytes, which is copied at once. */
class Block {
  readonly bytes: readonly number[];
  constructor(bytes: readonly number[]) {
    this.bytes = bytes;
  }
}
/** How the format writes types of values. */
const types = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b } as const;
type ValueType = keyof typeof types;

/** An unsigned number in LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return bytes;
}
/** A signed number in LEB128. */
function signed(value: bigint): number[] {
  if (value >= -64n && value < 64n) return [Number(value) & 127];
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = Number(BigInt.asUintN(7, rest));
    rest >>= 7n;
    const done = (rest === 0n && low < 64) || (rest === -1n && low >= 64);
    bytes.push(done ? low : low | 128);
    if (done) return bytes;
  }
}

type Binary = (a: Code, b: Code) => Code;
const binary =
  (opcode: number): Binary =>
  (a, b) => [a, b, opcode];
const unary =
  (opcode: number) =>
  (a: Code): Code => [a, opcode];
/** The offset is added to the address, which need not be aligned. */
const load =
  (opcode: number) =>
  (address: Code, offset = 0): Code => [address, opcode, 0, unsigned(offset)];
const store =
  (opcode: number) =>
  (address: Code, value: Code, offset = 0): Code => [address, value, opcode, 0, unsigned(offset)];

/** Instructions on 32-bit integers and addresses; comparisons and divisions are unsigned. */
export const i32 = {
  const: (value: number): Code => {
    const word = value | 0;
    return [0x41, word >= -64 && word < 64 ? word & 127 : signed(BigInt(word))];
  },
  load8: load(0x2d),
  load16: load(0x2f),
  load: load(0x28),
  store8: store(0x3a),
  store16: store(0x3b),
  store: store(0x36),
  /** How many of the lowest bits are zero. */
  trailingZeros: unary(0x68),
  /** The lower half of a 64-bit integer. */
  of: unary(0xa7),
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  div: binary(0x6e),
  rem: binary(0x70),
  and: binary(0x71),
  or: binary(0x72),
  xor: binary(0x73),
  shl: binary(0x74),
  shr: binary(0x76),
  eqz: unary(0x45),
  eq: binary(0x46),
  ne: binary(0x47),
  lt: binary(0x49),
  gt: binary(0x4b),
  le: binary(0x4d),
  ge: binary(0x4f),
};

/** Instructions on 64-bit integers; comparisons and divisions are unsigned unless their name says otherwise. */
export const i64 = {
  const: (value: bigint): Code => [0x42, signed(BigInt.asIntN(64, value))],
  /** Of an unsigned 32-bit integer. */
  of: unary(0xad),
  ofSigned: unary(0xac),
  /** Of a double, which must be a whole number. */
  ofFloat: unary(0xb1),
  load: load(0x29),
  store: store(0x37),
  add: binary(0x7c),
  sub: binary(0x7d),
  mul: binary(0x7e),
  div: binary(0x80),
  divSigned: binary(0x7f),
  and: binary(0x83),
  or: binary(0x84),
  xor: binary(0x85),
  shl: binary(0x86),
  shr: binary(0x88),
  /** How many of the lowest bits are zero. */
  trailingZeros: unary(0x7a),
  ne: binary(0x52),
  eqz: unary(0x50),
  gt: binary(0x56),
  ge: binary(0x5a),
  ltSigned: binary(0x53),
  /** The bits of a double. */
  bitsOf: unary(0xbd),
};

/** Instructions on doubles. */
export const f64 = {
  const: (value: number): Code => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)],
  /** Of a signed and an unsigned 64-bit integer, rounded to nearest. */
  ofSigned: unary(0xb9),
  of: unary(0xba),
  load: load(0x2b),
  store: store(0x39),
  add: binary(0xa0),
  sub: binary(0xa1),
  mul: binary(0xa2),
  div: binary(0xa3),
  abs: unary(0x99),
  neg: unary(0x9a),
  floor: unary(0x9c),
  ne: binary(0x62),
  lt: binary(0x63),
  gt: binary(0x64),
  le: binary(0x65),
  eq: binary(0x61),
};

/** An instruction on vectors; `more` follows its number. */
const vector =
  (opcode: number, ...more: readonly number[]) =>
  (...operands: readonly Code[]): Code => [operands, 0xfd, unsigned(opcode), more];

/** Instructions on vectors of 16 bytes. */
export const v128 = {
  const: (...bytes: readonly number[]): Code => vector(0x0c, ...bytes)(),
  load: (address: Code, offset = 0): Code => vector(0x00, 0, ...unsigned(offset))(address),
  and: vector(0x4e),
  or: vector(0x50),
  xor: vector(0x51),
  anyTrue: vector(0x53),
  eq8: vector(0x23),
  /** The upper bit of each byte. */
  bitmask: vector(0x64),
  /** Loads eight bytes into both halves. */
  loadTwice: (address: Code, offset = 0): Code => vector(0x0a, 0, ...unsigned(offset))(address),
  /** Compares the doubles in both halves: all ones where the first is at most the second. */
  leFloats: vector(0x4b),
  /** Adds the halves as 64-bit integers. */
  addHalves: vector(0xce),
  /** The lower or upper half. */
  half: (at: 0 | 1, of: Code): Code => vector(0x1d, at)(of),
};

/** A local variable. */
export interface Local {
  readonly get: Code;
  readonly set: (value: Code) => Code;
}

/** A place to go to: the end of a block, or the beginning of a loop. */
export interface Label {
  readonly depth: number;
}

/** A function that takes 32-bit integers and gives one, written statement by statement. */
export class WasmFunction {
  readonly parameters: readonly Local[];
  readonly #locals: number[] = [];
  readonly #body: number[] = [];
  #depth = 0;

  constructor(parameters: number) {
    this.parameters = Array.from({ length: parameters }, (_, index) => localAt(index));
  }
  /** A new variable, zero at the start. */
  local(type: ValueType = "i32"): Local {
    this.#locals.push(types[type]);
    return localAt(this.parameters.length + this.#locals.length - 1);
  }
  /** Appends statements; an expression at the end of the function is its result. */
  do(...statements: readonly Code[]): void {
    for (const statement of statements) write(statement, this.#body);
  }
  /** A block to whose end `body` may go. */
  block(body: (end: Label) => void): void {
    this.#nest(0x02, body);
  }
  /** A loop to whose beginning `body` may go; it ends where `body` does. */
  loop(body: (again: Label) => void): void {
    this.#nest(0x03, body);
  }
  if(condition: Code, then: () => void): void {
    this.do(condition);
    this.#nest(0x04, then);
  }
  go(label: Label): void {
    this.do([0x0c, unsigned(this.#depth - label.depth)]);
  }
  goIf(label: Label, condition: Code): void {
    this.do(condition, [0x0d, unsigned(this.#depth - label.depth)]);
  }
  /** As it stands in a module. */
  get code(): Code {
    const locals = this.#locals.map((type) => [1, type]);
    return sized([unsigned(this.#locals.length), locals, new Block(this.#body), 0x0b]);
  }

  #nest(opcode: number, body: (label: Label) => void): void {
    this.do([opcode, 0x40]);
    this.#depth += 1;
    body({ depth: this.#depth });
    this.#depth -= 1;
    this.do([0x0b]);
  }
}

const localAt = (index: number): Local => ({
  get: [0x20, unsigned(index)],
  set: (value) => [value, 0x21, unsigned(index)],
});

/** Calls the function at `index` of the module. */
export const call = (index: number, ...operands: readonly Code[]): Code => [
  operands,
  0x10,
  unsigned(index),
];

/** Appends the bytes of some code. */
function write(code: Code, bytes: number[]): void {
  for (let i = 0; i < code.length; i++) {
    const part = code[i];
    if (typeof part === "number") bytes.push(part);
    else if (part instanceof Block) append(part.bytes, bytes);
    else write(part, bytes);
  }
}
/** How many arguments a call may have in every JavaScript engine. */
const atOnce = 16_384;
function append(block: readonly number[], bytes: number[]): void {
  if (block.length <= atOnce) bytes.push(...block);
  else for (let i = 0; i < block.length; i += atOnce) bytes.push(...block.slice(i, i + atOnce));
}
/** Code preceded by the number of its bytes. */
function sized(code: Code): Code {
  const bytes: number[] = [];
  write(code, bytes);
  return [unsigned(bytes.length), new Block(bytes)];
}

const section = (id: number, items: readonly Code[]): Code => [
  id,
  sized([unsigned(items.length), items]),
];
const name = (text: string): Code => {
  const bytes = [...text].map((character) => character.charCodeAt(0));
  return [bytes.length, ...bytes];
};

/**
 * A module with a memory of `memory` pages of 64 KiB, or with an imported one. It exports its last function as `run`
 * and its memory as `memory`.
 */
export function wasmModule(
  functions: readonly WasmFunction[],
  memory: number | "imported",
): Uint8Array {
  const signatures = functions.map(({ parameters }): Code => {
    const taken = parameters.map(() => types.i32);
    return [0x60, taken.length, ...taken, 1, types.i32];
  });
  const bytes: number[] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  write(section(1, signatures), bytes);
  if (memory === "imported") write(section(2, [[name("m"), name("memory"), 2, 0, 1]]), bytes);
  write(
    section(
      3,
      functions.map((_, index) => [index]),
    ),
    bytes,
  );
  if (memory !== "imported") write(section(5, [[0x00, unsigned(memory)]]), bytes);
  write(
    section(7, [
      [name("memory"), 2, 0],
      [name("run"), 0, functions.length - 1],
    ]),
    bytes,
  );
  write(
    section(
      10,
      functions.map(({ code }) => code),
    ),
    bytes,
  );
  return Uint8Array.from(bytes);
}
