import { type Batch, ROW, recordTime } from "../../batch.ts";
import { eachMember } from "../../lines/top-level.ts";
import { stampRecord } from "../stamp.ts";

/** What stands in every message's header. */
export interface SyslogHeader {
  /** 0 to 23. */
  readonly facility: number;
  /** For records without a `hostname` of their own. */
  readonly hostname: string;
  readonly appName: string;
}

const SEVERITY: Readonly<Record<string, number>> = {
  emergency: 0,
  alert: 1,
  critical: 2,
  error: 3,
  warning: 4,
  notice: 5,
  informational: 6,
  info: 6,
  debug: 7,
};

/** A record as an RFC 5424 message: header from the alert's priority, time and host, the JSON as its text. */
export function syslogMessage(batch: Batch, index: number, header: SyslogHeader): Buffer {
  const { data, rows } = batch;
  const row = index * ROW.width;
  const start = rows[row] ?? 0;
  const end = rows[row + ROW.end] ?? 0;
  let severity = 6;
  let host = header.hostname;
  eachMember(data, start, end, ({ keyStart, keyEnd, valueStart, valueEnd }) => {
    if (data[valueStart] !== 0x22) return true;
    const key = data.toString("latin1", keyStart, keyEnd);
    if (key === "priority") {
      severity = SEVERITY[data.toString("latin1", valueStart + 1, valueEnd - 1).toLowerCase()] ?? severity;
    } else if (key === "hostname") host = data.toString("latin1", valueStart + 1, valueEnd - 1);
    return true;
  });
  const name = (text: string, length: number): string => text.replace(/[^!-~]/g, "").slice(0, length) || "-";
  const head = `<${header.facility * 8 + severity}>1 ${syslogTime(recordTime(batch, index))} ${name(host, 255)} ${name(header.appName, 48)} - - - `;
  return Buffer.concat([Buffer.from(head), stampRecord(batch, index)]);
}

/** RFC 5424 knows six digits of a second at most. */
function syslogTime(time: string): string {
  return time.replace(/(\.\d{6})\d+/, "$1");
}

/** A message in a stream: `octet-counting` puts its length before it (RFC 6587, RFC 5425), `newline` a line break behind it. */
export function frameMessage(message: Buffer, framing: "octet-counting" | "newline"): Buffer {
  return framing === "newline"
    ? Buffer.concat([message, Buffer.from("\n")])
    : Buffer.concat([Buffer.from(`${message.length} `), message]);
}
