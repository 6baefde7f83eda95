import { UserError } from "@falco-efk/kit";
import { parse } from "yaml";

type Step = { readonly key: string } | { readonly index: number } | { readonly append: true };
type Container = Record<string, unknown> | unknown[];

/** One `-o key.sub[0]=value` of the command line, its value parsed as YAML. */
export interface OptionAssignment {
  readonly text: string;
  readonly path: readonly Step[];
  readonly value: unknown;
}

/**
 * Parses `key.sub[0]=value`. A backslash takes a dot, bracket or backslash literally; `[]` appends.
 * Throws UserError (`OPTION_SYNTAX`).
 */
export function parseAssignment(text: string): OptionAssignment {
  const fault = (reason: string): UserError =>
    new UserError(`-o ${text}: ${reason}`, {
      code: "OPTION_SYNTAX",
      hint: "write -o key.sub=value, -o list[0]=value or -o list[]=value",
    });
  const path: Step[] = [];
  let key = "";
  let position = 0;
  const endKey = (): void => {
    if (key !== "") path.push({ key });
    key = "";
  };
  for (; position < text.length && text[position] !== "="; position++) {
    const char = text[position];
    if (char === "\\") {
      position += 1;
      const next = text[position];
      if (next === undefined || !".[]\\".includes(next))
        throw fault("a backslash stands before a dot, bracket or backslash");
      key += next;
    } else if (char === ".") {
      if (key === "" && path.length === 0) throw fault("the key is empty");
      endKey();
    } else if (char === "[") {
      endKey();
      const close = text.indexOf("]", position);
      if (close < 0) throw fault("a bracket is not closed");
      const inside = text.slice(position + 1, close);
      if (inside === "") path.push({ append: true });
      else if (/^\d+$/.test(inside)) path.push({ index: Number(inside) });
      else throw fault(`[${inside}] is not a whole number`);
      position = close;
    } else {
      key += char;
    }
  }
  endKey();
  if (text[position] !== "=") throw fault("there is no =");
  const first = path[0];
  if (first === undefined || !("key" in first)) throw fault("the key is empty");
  let value: unknown;
  try {
    value = parse(text.slice(position + 1));
  } catch {
    value = text.slice(position + 1);
  }
  return { text, path, value };
}

/** Sets the value in `root`, making the objects and lists on the way. Throws UserError (`OPTION_SYNTAX`) where the path doesn't fit. */
export function applyAssignment(root: Record<string, unknown>, assignment: OptionAssignment): void {
  let container: Container = root;
  assignment.path.forEach((step, position) => {
    const next = assignment.path[position + 1];
    const value: unknown =
      next === undefined ? assignment.value : (childOf(container, step) ?? ("key" in next ? {} : []));
    setChild(container, step, value, assignment);
    if (next === undefined) return;
    if (value === null || typeof value !== "object" || Array.isArray(value) !== !("key" in next)) {
      throw misfit(assignment);
    }
    container = value as Container;
  });
}

function childOf(container: Container, step: Step): unknown {
  if ("key" in step) return Array.isArray(container) ? undefined : container[step.key];
  if ("index" in step) return Array.isArray(container) ? container[step.index] : undefined;
  return undefined;
}

function setChild(container: Container, step: Step, value: unknown, assignment: OptionAssignment): void {
  if ("key" in step && !Array.isArray(container)) container[step.key] = value;
  else if ("index" in step && Array.isArray(container) && step.index <= container.length) container[step.index] = value;
  else if ("append" in step && Array.isArray(container)) container.push(value);
  else throw misfit(assignment);
}

function misfit(assignment: OptionAssignment): UserError {
  return new UserError(`-o ${assignment.text}: the path does not fit the configuration`, {
    code: "OPTION_SYNTAX",
    hint: "lists take [number] up to their length, or [] to append; objects take a key",
  });
}
