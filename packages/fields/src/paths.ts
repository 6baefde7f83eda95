/** True when the text needs no normalising: no empty, `.` or `..` component and no trailing slash. */
function isPlain(text: string): boolean {
  if (text.length > 1 && text.charCodeAt(text.length - 1) === 47) return false;
  if (text.charCodeAt(0) === 46 && /^\.\.?(?:\/|$)/.test(text)) return false;
  return !text.includes("//") && !(text.includes("/.") && /\/\.\.?(?:\/|$)/.test(text));
}

/**
 * Joins a directory and a name as Falco does, lexically: `.` and `..` are resolved without asking the file system, doubled
 * and trailing slashes go. The directory is taken as it is (it must end with a slash to count as one) and is left out
 * when the name is absolute. Unlike Falco it has no limit of 1024 bytes.
 *
 * @example joinPath("/var/log/", "../run//x.pid") // "/var/run/x.pid"
 */
export function joinPath(directory: string, name: string): string {
  if (name === "" || name.charCodeAt(0) === 47) return isPlain(name) ? name : normalise("", name);
  if (isPlain(name)) return directory + name;
  return normalise(directory, name);
}

/** Copies `name` behind `base`, going back into `base` at each `..`. */
function normalise(base: string, name: string): string {
  const emptyBase = base === "";
  let out = base;
  let at = 0;
  while (at < name.length) {
    const atStart = out === "" || out.endsWith("/");
    const slash = name.indexOf("/", at);
    const end = slash < 0 ? name.length : slash;
    const part = name.slice(at, end);
    if (part === "") {
      // A slash: doubled ones go, and so does one behind a base that was gone back over entirely.
      if (!(out !== "" && atStart) && !(out === "" && !emptyBase)) out += "/";
      at++;
    } else if (atStart && part === ".") {
      at = slash < 0 ? end : end + 1;
    } else if (atStart && part === "..") {
      out = parentOf(out);
      at = slash < 0 ? end : end + 1;
    } else {
      out += part;
      at = end;
    }
  }
  return out.length > 1 && out.endsWith("/") ? out.slice(0, -1) : out;
}

/** Cuts the last component and keeps the slash before it; the root stays. */
function parentOf(path: string): string {
  if (path.length <= 1) return path;
  return path.slice(0, path.lastIndexOf("/", path.length - 2) + 1);
}

/** A directory's path with the slash that `joinPath` wants. */
export function asDirectory(path: string): string {
  return path === "" || path.endsWith("/") ? path : `${path}/`;
}

/** Falco's `fd.directory` of a file's path: the part before the last slash, `/` when that would be empty. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf("/");
  if (slash <= 0) return "/";
  return slash < path.length - 1 ? path.slice(0, slash) : path;
}

/** Falco's `fd.filename`: the part behind the last slash, the whole text when it ends with one, `/` when there is none. */
export function fileNameOf(path: string): string {
  const slash = path.lastIndexOf("/");
  if (slash < 0) return "/";
  return slash < path.length - 1 ? path.slice(slash + 1) : path;
}

/** Drops doubled slashes and nothing else, as `fd.nameraw` does. */
export function withoutDoubledSlashes(path: string): string {
  return path.includes("//") ? path.replace(/\/{2,}/g, "/") : path;
}
