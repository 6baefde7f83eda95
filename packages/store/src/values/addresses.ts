import { isIPv4, isIPv6 } from "node:net";

/** An IP address as 32 hexadecimal digits that sort like addresses (IPv4 as ::ffff:a.b.c.d). Null when it is none. */
export function addressKey(text: string): string | null {
  if (isIPv4(text)) {
    return `00000000000000000000ffff${text
      .split(".")
      .map((part) => Number(part).toString(16).padStart(2, "0"))
      .join("")}`;
  }
  if (!isIPv6(text) || text.includes("%")) {
    return null;
  }
  let plain = text;
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted) {
    const tail = addressKey(dotted[2] ?? "")?.slice(24) ?? "";
    plain = `${dotted[1]}${tail.slice(0, 4)}:${tail.slice(4)}`;
  }
  const [head = "", tail] = plain.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const middle = tail === undefined ? [] : new Array<string>(8 - left.length - right.length).fill("0");
  return [...left, ...middle, ...right].map((group) => group.padStart(4, "0").toLowerCase()).join("");
}

/** The address that a key stands for, in its shortest form. */
export function addressText(key: string): string {
  if (key.startsWith("00000000000000000000ffff")) {
    return [24, 26, 28, 30].map((at) => Number.parseInt(key.slice(at, at + 2), 16)).join(".");
  }
  const groups = Array.from({ length: 8 }, (_, i) => Number.parseInt(key.slice(i * 4, i * 4 + 4), 16));
  let best = { start: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) {
      length += 1;
    }
    if (length > best.length) {
      best = { start: i, length };
    }
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.start < 0) {
    return hex.join(":");
  }
  return `${hex.slice(0, best.start).join(":")}::${hex.slice(best.start + best.length).join(":")}`;
}

/** The first and last key of a network such as `10.0.0.0/8`. Null when the text is no network. */
export function networkKeys(text: string): { readonly from: string; readonly to: string } | null {
  const match = /^(.+)\/(\d{1,3})$/.exec(text);
  const key = match ? addressKey(match[1] ?? "") : null;
  if (!match || key === null) {
    return null;
  }
  const bits = Number(match[2]) + (isIPv4(match[1] ?? "") ? 96 : 0);
  if (bits > 128) {
    return null;
  }
  const host = (1n << BigInt(128 - bits)) - 1n;
  const value = BigInt(`0x${key}`);
  const hex = (n: bigint): string => n.toString(16).padStart(32, "0");
  return { from: hex(value & ~host), to: hex(value | host) };
}
