/** A moment's parts as they were read; what a layout doesn't have is undefined. */
export interface TimeParts {
  year?: number;
  month?: number;
  day?: number;
  yearDay?: number;
  hour?: number;
  pm?: boolean;
  minute?: number;
  second?: number;
  /** Up to nine digits. */
  fraction?: string;
  /** Minutes east of UTC. */
  offset?: number;
}

type Put = (parts: TimeParts, text: string) => void;

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const SHORT = (names: readonly string[]): string => names.map((name) => name.slice(0, 3)).join("|");

const putMonth: Put = (parts, text) => {
  const name = text.slice(0, 3).toLowerCase();
  parts.month = MONTHS.findIndex((month) => month.slice(0, 3).toLowerCase() === name) + 1;
};
const putOffset: Put = (parts, text) => {
  if (text === "Z" || text === "z") {
    parts.offset = 0;
    return;
  }
  const [, sign, hours = "0", minutes = "0"] = /^([+-])(\d\d):?(\d\d)?/.exec(text) ?? [];
  parts.offset = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
};
const number =
  (key: "year" | "month" | "day" | "yearDay" | "hour" | "minute" | "second"): Put =>
  (parts, text) => {
    parts[key] = Number(text);
  };
const nothing: Put = () => undefined;

/** Go's reference time, `Mon Jan 2 15:04:05 MST 2006`, piece by piece; longer pieces come before those that begin alike. */
const PIECES: readonly (readonly [piece: string, pattern: string, put: Put])[] = [
  ["January", MONTHS.join("|"), putMonth],
  ["Jan", SHORT(MONTHS), putMonth],
  ["Monday", DAYS.join("|"), nothing],
  ["Mon", SHORT(DAYS), nothing],
  [
    "MST",
    "[A-Z]{3,5}|[+-]\\d{2}",
    (parts, text) => {
      if (text === "UTC" || text === "GMT") parts.offset = 0;
    },
  ],
  ["2006", "\\d{4}", number("year")],
  ["__2", " {0,2}\\d{1,3}", number("yearDay")],
  ["002", "\\d{3}", number("yearDay")],
  ["01", "\\d{2}", number("month")],
  ["02", "\\d{2}", number("day")],
  ["03", "\\d{2}", number("hour")],
  ["04", "\\d{2}", number("minute")],
  ["05", "\\d{2}", number("second")],
  [
    "06",
    "\\d{2}",
    (parts, text) => {
      parts.year = Number(text) + (Number(text) >= 69 ? 1900 : 2000);
    },
  ],
  ["15", "\\d{2}", number("hour")],
  ["_2", " ?\\d{1,2}", number("day")],
  [
    "PM",
    "AM|PM",
    (parts, text) => {
      parts.pm = text.toUpperCase() === "PM";
    },
  ],
  [
    "pm",
    "am|pm",
    (parts, text) => {
      parts.pm = text.toUpperCase() === "PM";
    },
  ],
  ["Z07:00:00", "Z|[+-]\\d{2}:\\d{2}:\\d{2}", putOffset],
  ["Z070000", "Z|[+-]\\d{6}", putOffset],
  ["Z07:00", "Z|[+-]\\d{2}:\\d{2}", putOffset],
  ["Z0700", "Z|[+-]\\d{4}", putOffset],
  ["Z07", "Z|[+-]\\d{2}", putOffset],
  ["-07:00:00", "[+-]\\d{2}:\\d{2}:\\d{2}", putOffset],
  ["-070000", "[+-]\\d{6}", putOffset],
  ["-07:00", "[+-]\\d{2}:\\d{2}", putOffset],
  ["-0700", "[+-]\\d{4}", putOffset],
  ["-07", "[+-]\\d{2}", putOffset],
  ["1", "\\d{1,2}", number("month")],
  ["2", "\\d{1,2}", number("day")],
  ["3", "\\d{1,2}", number("hour")],
  ["4", "\\d{1,2}", number("minute")],
  ["5", "\\d{1,2}", number("second")],
];
const FRACTION = /^[.,](?:0+|9+)(?!\d)/;

/** Compiles a layout of Go's `time` package. The function answers the parts it read, or null for a text that doesn't fit. */
export function compileGoLayout(layout: string): (text: string) => TimeParts | null {
  const puts: Put[] = [];
  let pattern = "";
  let at = 0;
  let last = "";
  while (at < layout.length) {
    const rest = layout.slice(at);
    const fraction = FRACTION.exec(rest)?.[0];
    const piece = PIECES.find(([name]) => rest.startsWith(name));
    if (fraction !== undefined) {
      pattern += fraction[1] === "0" ? `[.,](\\d{${fraction.length - 1}})` : "(?:[.,](\\d{1,9}))?";
      puts.push(putFraction);
      at += fraction.length;
      last = "";
    } else if (piece === undefined) {
      pattern += fractionAfter(last, puts) + literal(layout[at] ?? "");
      at += 1;
      last = "";
    } else {
      pattern += `${fractionAfter(last, puts)}(${piece[1]})`;
      puts.push(piece[2]);
      at += piece[0].length;
      last = piece[0];
    }
  }
  const expression = new RegExp(`^${pattern}${fractionAfter(last, puts)}$`, "i");
  return (text) => {
    const match = expression.exec(text);
    if (match === null) return null;
    const parts: TimeParts = {};
    puts.forEach((put, index) => {
      const found = match[index + 1];
      if (found !== undefined) put(parts, found.trim());
    });
    return parts;
  };
}

const putFraction: Put = (parts, text) => {
  parts.fraction = text;
};

/** Go reads a fraction behind the seconds even when the layout has none. */
function fractionAfter(last: string, puts: Put[]): string {
  if (last !== "05" && last !== "5") return "";
  puts.push(putFraction);
  return "(?:[.,](\\d{1,9}))?";
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
