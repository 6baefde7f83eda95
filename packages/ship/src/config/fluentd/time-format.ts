const PIECES: Readonly<Record<string, string>> = {
  Y: "2006",
  y: "06",
  m: "01",
  d: "02",
  e: "_2",
  H: "15",
  I: "03",
  M: "04",
  S: "05",
  b: "Jan",
  B: "January",
  h: "Jan",
  a: "Mon",
  A: "Monday",
  p: "PM",
  j: "002",
  z: "-0700",
  Z: "MST",
  T: "15:04:05",
  F: "2006-01-02",
  D: "01/02/06",
  R: "15:04",
  "%": "%",
};

/** A format of `strptime` as a layout of Go's, or null when it has something that a layout can't say. */
export function layoutOfStrptime(format: string): string | null {
  if (format === "%s") return "UNIX";
  if (format === "%iso8601") return "2006-01-02T15:04:05Z07:00";
  let layout = "";
  for (let at = 0; at < format.length; at++) {
    const letter = format[at] ?? "";
    if (letter !== "%") {
      layout += letter;
      continue;
    }
    const [whole = "", colon = "", name = ""] = /^%(:?)\d?([A-Za-z%])/.exec(format.slice(at)) ?? [];
    at += whole.length - 1;
    if (name === "z" && colon === ":") layout += "-07:00";
    else if (name === "N" || name === "L") {
      // A layout reads a fraction behind the seconds by itself.
      if (!/05[.,]$/.test(layout)) return null;
      layout = layout.slice(0, -1);
    } else if (PIECES[name] === undefined) return null;
    else layout += PIECES[name];
  }
  return layout;
}

const INDEX_DATES: Readonly<Record<string, string>> = { Y: "yyyy", m: "MM", d: "dd", H: "HH" };

/** `%Y.%m.%d` of an index name as `yyyy.MM.dd`, or null. */
export function indexDateOfStrftime(format: string): string | null {
  let known = true;
  const text = format.replace(/%(.)/g, (_, letter: string) => {
    const found = INDEX_DATES[letter];
    if (found === undefined) known = false;
    return found ?? "";
  });
  return known ? text : null;
}
