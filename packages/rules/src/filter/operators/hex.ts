import type { Literal, Operand } from "./operator.ts";

/** Reads the literal of `bcontains` and `bstartswith`: an even number of hexadecimal digits. */
export function hexOperand(values: readonly Literal[]): Operand | { readonly error: string } {
  const bytes: Uint8Array[] = [];
  for (const value of values) {
    const text = new TextDecoder().decode(value as Uint8Array);
    if (text.length === 0 || text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
      return { error: `'${text}' is not an even number of hexadecimal digits, which bcontains and bstartswith take` };
    }
    bytes.push(Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16)));
  }
  return { values: bytes };
}
