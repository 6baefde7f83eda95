import { compileDissect } from "../dissect.ts";
import { asText, getField, setField } from "../event.ts";
import { failed, type ProcessorKind } from "../processor.ts";
import { appendTo } from "./put.ts";

/** Cuts a text into fields by a tokenizer. An event that doesn't fit gets `dissect_parsing_error` in `log.flags`. */
export const dissect: ProcessorKind = (settings, context) => {
  const split = compileDissect(settings.text("tokenizer"), (message) => settings.error(message, "tokenizer"));
  const field = settings.text("field", "message");
  const prefix = settings.text("target_prefix", "dissect");
  const ignoreFailure = settings.flag("ignore_failure", false);
  const overwrite = settings.flag("overwrite_keys", false);
  const trimValues = settings.choice("trim_values", ["none", "left", "right", "all"] as const, "none");
  const trimChars = settings.text("trim_chars", " ");
  const trim = (text: string): string => {
    let from = 0;
    let to = text.length;
    if (trimValues !== "right") while (from < to && trimChars.includes(text[from] ?? "")) from += 1;
    if (trimValues !== "left") while (to > from && trimChars.includes(text[to - 1] ?? "")) to -= 1;
    return text.slice(from, to);
  };
  return (event) => {
    const text = asText(getField(event, field));
    const parts = text === null ? null : split(text);
    const targets = Object.entries(parts ?? {}).map(([key, value]) => ({
      path: prefix === "" ? key : `${prefix}.${key}`,
      value: typeof value === "string" && trimValues !== "none" ? trim(value) : value,
    }));
    const taken = overwrite ? undefined : targets.find(({ path }) => getField(event, path) !== undefined);
    if (parts === null || taken !== undefined) {
      if (ignoreFailure) return event;
      failed(
        context,
        settings.name,
        parts === null ? `${field} does not fit` : `there is a field ${taken?.path} already`,
      );
      appendTo(event, "log.flags", ["dissect_parsing_error"]);
      return event;
    }
    for (const { path, value } of targets) setField(event, path, value);
    return event;
  };
};
