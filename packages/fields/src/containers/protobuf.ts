/** A decoded protobuf message: the values of each field number in order, numbers as they are, the rest as bytes. */
export type Message = ReadonlyMap<number, readonly (number | Uint8Array)[]>;

const EMPTY: Message = new Map();

/**
 * Decodes a message without its schema, as far as CRI needs: varints (read as numbers; above 2^53 they lose digits),
 * texts and messages within. Fixed-width fields are skipped.
 * @throws on a message that is cut or malformed.
 */
export function decodeMessage(bytes: Uint8Array): Message {
  const fields = new Map<number, (number | Uint8Array)[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error("the message is cut");
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new Error("a number of the message is too long");
  };
  const add = (number: number, value: number | Uint8Array): void => {
    const values = fields.get(number);
    if (values === undefined) fields.set(number, [value]);
    else values.push(value);
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === 0) add(number, varint());
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      const length = varint();
      if (at + length > bytes.length) throw new Error("the message is cut");
      add(number, bytes.subarray(at, at + length));
      at += length;
    } else throw new Error(`the message holds a field of the unknown kind ${wire}`);
  }
  return fields;
}

/** The last value of a text field; "" where it is absent, as protobuf has it. */
export function textOf(message: Message, number: number): string {
  const value = message.get(number)?.at(-1);
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length).toString("utf8") : "";
}

/** The last value of a number field; 0 where it is absent. */
export function numberOf(message: Message, number: number): number {
  const value = message.get(number)?.at(-1);
  return typeof value === "number" ? value : 0;
}

/** The messages of a field, in order. */
export function messagesOf(message: Message, number: number): readonly Message[] {
  return (message.get(number) ?? []).flatMap((value) => (value instanceof Uint8Array ? [decodeMessage(value)] : []));
}

/** The last message of a field; an empty one where it is absent. */
export function messageOf(message: Message, number: number): Message {
  return messagesOf(message, number).at(-1) ?? EMPTY;
}

/** A map field of texts. */
export function mapOf(message: Message, number: number): ReadonlyMap<string, string> {
  return new Map(messagesOf(message, number).map((entry) => [textOf(entry, 1), textOf(entry, 2)]));
}

/** Encodes a message of texts, numbers, Booleans and messages within, by field number. */
export function encodeMessage(
  fields: readonly (readonly [number: number, value: string | number | boolean | Uint8Array])[],
): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [number, value] of fields) {
    if (typeof value === "number" || typeof value === "boolean") {
      parts.push(encodeVarint(number * 8), encodeVarint(Number(value)));
    } else {
      const bytes = typeof value === "string" ? Buffer.from(value) : value;
      parts.push(encodeVarint(number * 8 + 2), encodeVarint(bytes.length), bytes);
    }
  }
  return Buffer.concat(parts);
}

function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
