/** How wide a text is, in pixels. */
export type Measure = (text: string) => number;

const ELLIPSIS = "…";

/** As much of a text as there is room for; what is cut ends in an ellipsis. */
export function clipText(text: string, room: number, measure: Measure): string {
  if (measure(text) <= room) return text;
  let low = 1;
  let high = text.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (measure(text.slice(0, middle).trimEnd() + ELLIPSIS) <= room) low = middle;
    else high = middle - 1;
  }
  return text.slice(0, low).trimEnd() + ELLIPSIS;
}

/**
 * A label on two lines, broken between words; the second leaves `after` pixels for what follows it. A label that one
 * line holds has an empty second.
 */
export function breakLabel(text: string, room: number, after: number, measure: Measure): readonly [string, string] {
  if (measure(text) <= room) return [text, ""];
  const words = text.split(" ");
  let first = words[0] ?? "";
  let used = 1;
  while (used < words.length && measure(`${first} ${words[used] ?? ""}`) <= room) {
    first += ` ${words[used] ?? ""}`;
    used += 1;
  }
  const rest = words.slice(used).join(" ");
  if (rest === "" || measure(first) > room) return [clipText(text, room, measure), ""];
  return [first, clipText(rest, Math.max(0, room - after), measure)];
}
