/** Breaks a text into lines of at most `width` characters, at spaces where it can. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.trim().split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.length === 0 ? [""] : lines;
}

/** Two columns: a name, and a text wrapped beside it. A name too long for its column stands on a line of its own. */
export function twoColumns(name: string, text: string, nameWidth: number, lineWidth: number): string {
  const lines = wrapText(text, lineWidth - nameWidth - 1);
  const indent = " ".repeat(nameWidth + 1);
  const head = name.length <= nameWidth ? `${name.padEnd(nameWidth)} ${lines.shift() ?? ""}` : name;
  return [head, ...lines.map((line) => indent + line)].map((line) => line.trimEnd()).join("\n");
}
