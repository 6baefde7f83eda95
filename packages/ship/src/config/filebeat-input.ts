type Settings = Record<string, unknown>;

/**
 * Brings the settings of a Filebeat input that have a counterpart here into our form: records of several lines, and when files are
 * closed. Answers the keys that mean nothing here; they are taken out.
 */
export function convertInput(input: Settings): string[] {
  const dropped: string[] = [];
  takeParsers(input, dropped);
  takeClose(input, dropped);
  // With Filebeat a deleted file is closed at once, or not at all; here it's always read to its end first.
  if (typeof input["close_removed"] === "boolean") {
    delete input["close_removed"];
    dropped.push("close_removed");
  }
  return dropped;
}

/** `parsers: [{multiline: …}]` of a filestream input. Lines of JSON are read as such without a parser. */
function takeParsers(input: Settings, dropped: string[]): void {
  const { parsers } = input;
  if (!Array.isArray(parsers)) return;
  delete input["parsers"];
  for (const parser of parsers.flatMap((item) => Object.entries(item ?? {}))) {
    const [name, settings] = parser;
    if (name === "multiline") input["multiline"] = settings;
    else if (name !== "ndjson") dropped.push(`parsers.${name}`);
  }
}

const CLOSE: Readonly<Record<string, string>> = {
  "on_state_change.inactive": "close_inactive",
  "on_state_change.renamed": "close_renamed",
  "on_state_change.removed": "close_removed",
  "reader.on_eof": "close_eof",
  "reader.after_interval": "close_timeout",
};

/** `close.on_state_change.inactive` and so on, which a log input calls `close_inactive`. */
function takeClose(input: Settings, dropped: string[]): void {
  const { close } = input;
  if (typeof close !== "object" || close === null) return;
  delete input["close"];
  for (const [part, settings] of Object.entries(close)) {
    for (const [key, value] of Object.entries((settings ?? {}) as Settings)) {
      const ours = CLOSE[`${part}.${key}`];
      if (ours === undefined) dropped.push(`close.${part}.${key}`);
      else input[ours] = value;
    }
  }
}
