import { array, boolean, choice, integer, object, optional, type Schema, string } from "../json-schema.ts";
import { duration, optionalText, serverTls, size, strict, texts } from "./parts.ts";

const multiline: Schema = object(
  {
    type: choice(["pattern", "while_pattern", "count"], {
      default: "pattern",
      description: "Lines are joined by a pattern, as long as they match one, or by their number.",
    }),
    pattern: optionalText(
      "Lines that match belong to the line before or, with match: before, to the one that follows.",
    ),
    negate: boolean({ default: false, description: "Lines that don't match are meant instead." }),
    match: choice(["after", "before"], {
      default: "after",
      description: "Which line the others belong to: the one that they stand after, or before.",
    }),
    flush_pattern: optionalText("A line that matches ends its record."),
    count_lines: optional(integer({ minimum: 1, description: "Lines of a record with type: count." })),
    max_lines: integer({ minimum: 1, default: 500, description: "A longer record goes on as another." }),
    timeout: duration("5s", "A record that gets no further line for so long is taken for whole."),
  },
  strict,
);

/** Of one entry of `inputs`. */
export const INPUT_SCHEMA: Schema = object(
  {
    type: choice(["filestream", "log", "http", "syslog", "stdin"], {
      description: "filestream and log both read files; http takes what Falco's http_output posts, and batches.",
    }),
    host: string({ minLength: 1, default: "127.0.0.1", description: "Where http and syslog listen." }),
    port: optional(integer({ minimum: 0, maximum: 65_535, description: "http: 2801, syslog: 5514, over TLS 6514." })),
    ssl: optional({
      ...serverTls,
      description: "syslog over TLS; with certificate_authorities only for clients that show a certificate of theirs.",
    }),
    max_spool: size("1GiB", "Undelivered bytes of http, syslog and stdin that are kept on disk at most."),
    id: optionalText("Names the input in the registry. Without it the paths, or type and port, do."),
    enabled: boolean({ default: true, description: "Off: the input is passed over." }),
    paths: texts("Files and glob patterns. Rotated neighbours of a plain path are followed too.", { default: [] }),
    exclude: texts("Glob patterns of files to be left out.", { default: [] }),
    ignore_older: duration("0", "Files not written to for longer are not begun. 0: all are."),
    fields: optional({ type: "object", description: "Added to each record, below `fields`." }),
    fields_under_root: boolean({ default: false, description: "Adds `fields` to the record itself instead." }),
    tags: texts("Added to each record's `tags`.", { default: [] }),
    processors: array({}, { default: [], description: "Run over the records of this input, before those of all." }),
    encoding: string({
      minLength: 1,
      default: "utf-8",
      description:
        "utf-8, utf-16 (by its byte order mark), utf-16le, utf-16be, latin1, windows-1252, shift_jis, gb18030, …",
    }),
    multiline: optional(multiline),
    max_line_bytes: size("10MiB", "Longer lines become dead letters."),
    invalid_lines: choice(["wrap", "dead_letter"], {
      default: "wrap",
      description: 'Lines that are not JSON objects: shipped as {"message": …}, or made dead letters.',
    }),
    scan_interval: duration("1s", "How often folders are looked at, beside being watched."),
    watch: boolean({ default: true, description: "Use the file system's notifications." }),
    close_inactive: duration("5m", "A file that gives nothing for so long is closed until it changes."),
    close_removed: duration("1m", "A deleted file that gives nothing for so long is closed for good."),
    close_renamed: boolean({ default: false, description: "A renamed file is closed at its end, until it changes." }),
    close_eof: boolean({ default: false, description: "Every file is closed at its end, until it changes." }),
    close_timeout: duration(
      "0",
      "A file is closed so long after it was opened, read or not; one that still stands is opened again. What a deleted one still held is lost. 0: never.",
    ),
    harvester_limit: integer({ minimum: 0, default: 0, description: "Files open at once at most; 0: all." }),
    clean_inactive: duration(
      "0",
      "What is known of a file that gives nothing for so long is forgotten; must be more than ignore_older and scan_interval. 0: never.",
    ),
  },
  strict,
);
