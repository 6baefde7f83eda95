/** Compiles a tokenizer such as `%{time} %{level}: %{message}`. The function answers null for a text that doesn't fit. */
export function compileDissect(tokenizer: string): (text: string) => Record<string, string> | null {
  const keys: string[] = [];
  const between = tokenizer.split(/%\{([^}]*)\}/).reduce<string[]>((texts, part, at) => {
    if (at % 2 === 0) texts.push(part);
    else keys.push(part);
    return texts;
  }, []);
  return (text) => {
    if (!text.startsWith(between[0] ?? "")) return null;
    const result: Record<string, string> = {};
    let at = (between[0] ?? "").length;
    for (let index = 0; index < keys.length; index++) {
      const next = between[index + 1] ?? "";
      const end = next === "" ? text.length : text.indexOf(next, at);
      if (end < 0) return null;
      const key = keys[index] ?? "";
      if (key !== "" && !key.startsWith("?")) result[key] = text.slice(at, end);
      at = end + next.length;
    }
    return result;
  };
}
