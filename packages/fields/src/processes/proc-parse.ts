/** What the engine needs of /proc/PID/stat. */
export interface ProcStat {
  readonly comm: string;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  readonly tty: number;
  /** Start after boot in ticks of 10 ms. */
  readonly startTicks: number;
}

/** Reads /proc/PID/stat; the name may hold spaces and parentheses. Throws on anything else. */
export function parseStat(text: string): ProcStat {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 0 || close < open) throw new Error("not a stat file");
  const rest = text.slice(close + 2).split(" ");
  const at = (index: number): number => Number(rest[index] ?? 0);
  return { comm: text.slice(open + 1, close), ppid: at(1), pgid: at(2), sid: at(3), tty: at(4), startTicks: at(19) };
}

/** What the engine needs of /proc/PID/status. */
export interface ProcStatus {
  readonly uid: number;
  readonly gid: number;
  readonly euid: number;
  readonly egid: number;
  /** Ids in the innermost pid namespace; null on a kernel without them. */
  readonly vpid: number | null;
  readonly vpgid: number | null;
  readonly vsid: number | null;
  readonly capInheritable: bigint;
  readonly capPermitted: bigint;
  readonly capEffective: bigint;
}

/** Reads /proc/PID/status. */
export function parseStatus(text: string): ProcStatus {
  const values = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0)
      values.set(
        line.slice(0, colon),
        line
          .slice(colon + 1)
          .trim()
          .split(/\s+/),
      );
  }
  const number = (key: string, index: number): number => Number(values.get(key)?.[index] ?? 0);
  const last = (key: string): number | null => {
    const list = values.get(key);
    return list === undefined ? null : Number(list[list.length - 1]);
  };
  const set = (key: string): bigint => BigInt(`0x${values.get(key)?.[0] ?? "0"}`);
  return {
    uid: number("Uid", 0),
    gid: number("Gid", 0),
    euid: number("Uid", 1),
    egid: number("Gid", 1),
    vpid: last("NStgid"),
    vpgid: last("NSpgid"),
    vsid: last("NSsid"),
    capInheritable: set("CapInh"),
    capPermitted: set("CapPrm"),
    capEffective: set("CapEff"),
  };
}

/** Reads /proc/PID/cgroup into Falco's `controller=/path` lines and the deepest path. */
export function parseCgroups(text: string): { readonly lines: readonly string[]; readonly deepest: string } {
  const lines: string[] = [];
  let deepest = "/";
  for (const line of text.split("\n")) {
    const [, controllers = "", ...rest] = line.split(":");
    const path = rest.join(":");
    if (path === "") continue;
    if (path.split("/").length > deepest.split("/").length || (deepest === "/" && path !== "/")) deepest = path;
    if (controllers === "") lines.push(`unified=${path}`);
    for (const controller of controllers.split(",")) {
      if (controller !== "") lines.push(`${controller.replace(/^name=/, "")}=${path}`);
    }
  }
  return { lines, deepest };
}

/** Splits a text of NUL-terminated strings. */
export function splitNul(text: string): string[] {
  if (text === "") return [];
  return (text.endsWith("\0") ? text.slice(0, -1) : text).split("\0");
}
