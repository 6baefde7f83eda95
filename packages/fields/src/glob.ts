const SPECIAL = /[*?[\]\\]/;
const CACHE = new Map<string, RegExp>();

/** True when a text matches a glob as fnmatch(3) reads it without flags: `*` and `?` also match slashes. */
export function globMatches(glob: string, text: string): boolean {
  if (!SPECIAL.test(glob)) return glob === text;
  let pattern = CACHE.get(glob);
  if (pattern === undefined) {
    pattern = toRegExp(glob);
    if (CACHE.size > 1024) CACHE.clear();
    CACHE.set(glob, pattern);
  }
  return pattern.test(text);
}

const quote = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

function toRegExp(glob: string): RegExp {
  let source = "";
  for (let index = 0; index < glob.length; index++) {
    const character = glob[index] as string;
    const close = character === "[" ? glob.indexOf("]", index + (/^\[[!^]?\]/.test(glob.slice(index)) ? 3 : 1)) : -1;
    if (character === "*") source += ".*";
    else if (character === "?") source += ".";
    else if (character === "\\" && index + 1 < glob.length) source += quote(glob[++index] as string);
    else if (close > 0) {
      const inside = glob.slice(index + 1, close);
      const negated = /^[!^]/.test(inside);
      source += `[${negated ? "^" : ""}${(negated ? inside.slice(1) : inside).replace(/[\\[\]^]/g, "\\$&")}]`;
      index = close;
    } else source += quote(character);
  }
  return new RegExp(`^${source}$`, "s");
}
