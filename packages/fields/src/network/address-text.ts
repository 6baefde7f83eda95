/** Prints an IPv4 (4 bytes) or IPv6 (16 bytes) address as inet_ntop does. */
export function addressText(address: Uint8Array): string {
  if (address.length === 4) return `${address[0]}.${address[1]}.${address[2]}.${address[3]}`;
  return isMappedV4(address)
    ? `::ffff:${addressText(address.subarray(12))}`
    : isCompatibleV4(address)
      ? `::${addressText(address.subarray(12))}`
      : v6Text(address);
}

/** True for an IPv4 address inside an IPv6 one (`::ffff:a.b.c.d`). */
export function isMappedV4(address: Uint8Array): boolean {
  if (address.length !== 16) return false;
  for (let index = 0; index < 10; index++) if (address[index] !== 0) return false;
  return address[10] === 0xff && address[11] === 0xff;
}

/** inet_ntop prints `::a.b.c.d` for these, save for `::` and `::1`. */
function isCompatibleV4(address: Uint8Array): boolean {
  for (let index = 0; index < 12; index++) if (address[index] !== 0) return false;
  return address[12] !== 0 || address[13] !== 0;
}

function v6Text(address: Uint8Array): string {
  const groups: number[] = [];
  for (let index = 0; index < 16; index += 2) {
    groups.push(((address[index] as number) << 8) | (address[index + 1] as number));
  }
  let from = -1;
  let length = 1;
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === 0) end++;
    if (end - start > length) {
      from = start;
      length = end - start;
    }
  }
  const hex = (list: readonly number[]): string => list.map((group) => group.toString(16)).join(":");
  return from < 0 ? hex(groups) : `${hex(groups.slice(0, from))}::${hex(groups.slice(from + length))}`;
}
