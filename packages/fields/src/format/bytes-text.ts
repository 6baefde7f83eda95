/** Bytes as Falco prints a buffer: printable ASCII as it is, anything else a dot. */
export function bytesText(bytes: Uint8Array): string {
  let text = "";
  for (let from = 0; from < bytes.length; from += 8192) {
    const part = Uint8Array.prototype.map.call(bytes.subarray(from, from + 8192), (byte) =>
      byte >= 0x20 && byte < 0x7f ? byte : 0x2e,
    );
    text += String.fromCharCode(...part);
  }
  return text;
}

/** A list of NUL-terminated strings printed as a buffer: a dot behind each. */
export function listText(strings: readonly string[]): string {
  return strings.length === 0 ? "" : bytesText(Buffer.from(`${strings.join("\0")}\0`));
}
