/** A line of passwd(5). */
export interface User {
  readonly uid: number;
  readonly name: string;
  readonly home: string;
  readonly shell: string;
}

/** A line of group(5). */
export interface Group {
  readonly gid: number;
  readonly name: string;
}

/** Reads a passwd file by uid; the first line of a uid counts, lines that are none are left out. */
export function parsePasswd(text: string): ReadonlyMap<number, User> {
  const users = new Map<number, User>();
  for (const line of text.split("\n")) {
    const [name = "", , uid = "", , , home = "", shell = ""] = line.split(":");
    if (name === "" || name.startsWith("#") || !/^\d+$/.test(uid)) continue;
    const number = Number(uid);
    if (!users.has(number)) users.set(number, { uid: number, name, home, shell });
  }
  return users;
}

/** Reads a group file by gid; the first line of a gid counts, lines that are none are left out. */
export function parseGroup(text: string): ReadonlyMap<number, Group> {
  const groups = new Map<number, Group>();
  for (const line of text.split("\n")) {
    const [name = "", , gid = ""] = line.split(":");
    if (name === "" || name.startsWith("#") || !/^\d+$/.test(gid)) continue;
    const number = Number(gid);
    if (!groups.has(number)) groups.set(number, { gid: number, name });
  }
  return groups;
}
