import { illegalArgument } from "../errors.ts";
import type { TextPattern } from "./wildcard.ts";

/** A step of the automaton: a test of one character, or a fork. */
interface State {
  test: ((code: number) => boolean) | null;
  next: number[];
}

const MAX_STATES = 10_000;

/**
 * Lucene's regular expressions (anchored; `. ? + * | ( ) [ ] { } "…" \`), run as a set of states, so that no pattern
 * takes more than states × length steps. Throws `illegal_argument_exception` for a pattern that is not one.
 */
export function regexpPattern(source: string, ignoreCase = false): TextPattern {
  const states: State[] = [];
  const add = (test: State["test"], next: number[]): number => {
    if (states.push({ test, next }) > MAX_STATES) {
      throw illegalArgument(`Determinizing [${source}] would require more than ${MAX_STATES} states.`);
    }
    return states.length - 1;
  };
  const text = [...source];
  let at = 0;
  const fail = (what: string): never => {
    throw illegalArgument(`${what} at position ${at} in regexp [${source}]`);
  };
  // Each part builds itself in front of the state that follows it.
  type Part = (follow: number) => number;

  const literal = (char: string): Part => {
    const code = char.codePointAt(0) ?? 0;
    const other = ignoreCase
      ? ((char.toLowerCase() === char ? char.toUpperCase() : char.toLowerCase()).codePointAt(0) ?? code)
      : code;
    return (follow) => add((c) => c === code || c === other, [follow]);
  };
  const alternation = (): Part => {
    const options = [sequence()];
    while (text[at] === "|") {
      at += 1;
      options.push(sequence());
    }
    return options.length === 1
      ? (options[0] as Part)
      : (follow) =>
          add(
            null,
            options.map((option) => option(follow)),
          );
  };
  const sequence = (): Part => {
    const parts: Part[] = [];
    while (at < text.length && text[at] !== "|" && text[at] !== ")") {
      parts.push(repeated());
    }
    return (follow) => parts.reduceRight((next, part) => part(next), follow);
  };
  const repeated = (): Part => {
    let part = single();
    for (;;) {
      const char = text[at];
      const inner = part;
      if (char === "*" || char === "+") {
        at += 1;
        const star: Part = (follow) => {
          const fork = add(null, [follow]);
          states[fork]?.next.push(inner(fork));
          return fork;
        };
        part = char === "*" ? star : (follow) => inner(star(follow));
      } else if (char === "?") {
        at += 1;
        part = (follow) => add(null, [inner(follow), follow]);
      } else if (char === "{") {
        const match = /^\{(\d+)(?:(,)(\d*))?\}/.exec(text.slice(at, at + 24).join(""));
        if (!match) {
          return fail("expected a repetition such as {2,3}");
        }
        at += match[0].length;
        const least = Number(match[1]);
        const most = match[2] === undefined ? least : match[3] === "" ? null : Number(match[3]);
        if (least > 1000 || (most ?? 0) > 1000 || (most !== null && most < least)) {
          return fail("a repetition that is too large or reversed");
        }
        part = (follow) => {
          let next = follow;
          if (most === null) {
            const fork = add(null, [follow]);
            states[fork]?.next.push(inner(fork));
            next = fork;
          }
          for (let i = least; i < (most ?? 0); i++) {
            next = add(null, [inner(next), follow]);
          }
          for (let i = 0; i < least; i++) {
            next = inner(next);
          }
          return next;
        };
      } else {
        return part;
      }
    }
  };
  const single = (): Part => {
    const char = text[at++] as string;
    switch (char) {
      case ".":
        return (follow) => add(() => true, [follow]);
      case "(": {
        const inner = alternation();
        if (text[at++] !== ")") {
          return fail("expected )");
        }
        return inner;
      }
      case "[":
        return characterClass();
      case '"': {
        const parts: Part[] = [];
        while (at < text.length && text[at] !== '"') {
          parts.push(literal(text[at++] as string));
        }
        if (text[at++] !== '"') {
          return fail('expected "');
        }
        return (follow) => parts.reduceRight((next, part) => part(next), follow);
      }
      case "\\": {
        const escaped = text[at++];
        if (escaped === undefined) {
          return fail("nothing after \\");
        }
        const set = { d: /\d/, D: /\D/, w: /\w/, W: /\W/, s: /\s/, S: /\S/ }[escaped];
        return set ? (follow) => add((c) => set.test(String.fromCodePoint(c)), [follow]) : literal(escaped);
      }
      case "*":
      case "+":
      case "?":
      case "{":
        return fail("nothing to repeat");
      default:
        return literal(char);
    }
  };
  const characterClass = (): Part => {
    const negated = text[at] === "^";
    at += negated ? 1 : 0;
    const ranges: [number, number][] = [];
    while (at < text.length && (text[at] !== "]" || ranges.length === 0)) {
      const one = (): number => {
        at += text[at] === "\\" ? 1 : 0;
        return (text[at++] ?? fail("expected ]")).codePointAt(0) ?? 0;
      };
      const from = one();
      if (text[at] === "-" && text[at + 1] !== "]" && at + 1 < text.length) {
        at += 1;
        ranges.push([from, one()]);
      } else {
        ranges.push([from, from]);
      }
    }
    if (text[at++] !== "]") {
      return fail("expected ]");
    }
    const inside = (c: number): boolean => ranges.some(([from, to]) => c >= from && c <= to);
    return (follow) => add((c) => inside(c) !== negated, [follow]);
  };

  const whole = alternation();
  if (at < text.length) {
    fail("unexpected )");
  }
  const accept = add(() => false, []);
  const start = whole(accept);
  const plain = /^[A-Za-z0-9_/ =:-]*(?![*?{+|])/.exec(source)?.[0] ?? "";
  const prefix =
    ignoreCase || source.includes("|") ? "" : /[*?{]/.test(source[plain.length] ?? "") ? plain.slice(0, -1) : plain;
  return { prefix, matches: (input) => run(states, start, accept, input) };
}

function run(states: readonly State[], start: number, accept: number, input: string): boolean {
  const seen = new Uint32Array(states.length);
  let mark = 0;
  const enter = (first: number, into: number[]): void => {
    const stack = [first];
    for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
      if (seen[state] === mark) {
        continue;
      }
      seen[state] = mark;
      if (states[state]?.test) {
        into.push(state);
      } else {
        stack.push(...(states[state]?.next ?? []));
      }
    }
  };
  mark += 1;
  let current: number[] = [];
  enter(start, current);
  for (const char of input) {
    const code = char.codePointAt(0) ?? 0;
    const following: number[] = [];
    mark += 1;
    for (const state of current) {
      const { test, next } = states[state] as State;
      if (test?.(code)) {
        enter(next[0] as number, following);
      }
    }
    if (following.length === 0) {
      return false;
    }
    current = following;
  }
  return current.includes(accept);
}
