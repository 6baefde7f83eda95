/** True when Fluentd would send an event with this tag to a section with this argument, such as `app.** {web,db}.*`. */
export function matchesTag(argument: string, tag: string): boolean {
  if (argument === "") return true;
  return splitPatterns(argument).some((pattern) => toExpression(pattern).test(tag));
}

function splitPatterns(argument: string): readonly string[] {
  return argument.split(/\s+/).filter((pattern) => pattern !== "");
}

function toExpression(pattern: string): RegExp {
  if (pattern.length > 2 && pattern.startsWith("/") && pattern.endsWith("/")) {
    try {
      return new RegExp(pattern.slice(1, -1));
    } catch {
      return /^(?!)/;
    }
  }
  let text = "";
  let depth = 0;
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern[at] ?? "";
    if (pattern.startsWith(".**", at)) {
      // `a.**` is `a` as well.
      text += "(?:\\..*)?";
      at += 2;
    } else if (pattern.startsWith("**.", at)) {
      text += "(?:.*\\.)?";
      at += 2;
    } else if (pattern.startsWith("**", at)) {
      text += ".*";
      at += 1;
    } else if (letter === "*") text += "[^.]*";
    else if (letter === "{") {
      text += "(?:";
      depth += 1;
    } else if (letter === "}" && depth > 0) {
      text += ")";
      depth -= 1;
    } else if (letter === "," && depth > 0) text += "|";
    else text += letter.replace(/[\\^$.+?()[\]{}|]/, "\\$&");
  }
  return new RegExp(`^${text}${")".repeat(depth)}$`);
}
