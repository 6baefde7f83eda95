import { type FieldValue, integerValue } from "@falco-efk/event";
import type { EventContext } from "../event-context.ts";
import { type FieldSpec, field, unsupported } from "../field-spec.ts";
import { dateTimeText, iso8601Text, nanosecondText, timeText } from "../format/time-text.ts";

const NO_PLUGINS = "there are no plugins, all events are system calls";

const NS = 1_000_000_000n;

/** The JSON output holds the time itself, whatever text the field shows. */
const asNumber = { json: (event: EventContext): FieldValue => integerValue(event.time) };
const padded = (read: (event: EventContext) => bigint) => (event: EventContext) => nanosecondText(read(event));
const number = (read: (event: EventContext) => bigint) => (event: EventContext) => integerValue(read(event));

const time = (event: EventContext): bigint => event.time;
const sinceFirst = (event: EventContext): bigint => event.time - event.firstTime;
const sincePrevious = (event: EventContext): bigint =>
  event.previousTime === 0n || event.time < event.previousTime ? 0n : event.time - event.previousTime;

/** Numbers and times that every event has, of any source. */
export const EVT_TIME_FIELDS: readonly FieldSpec[] = [
  field("evt.num", "UINT64", "Running number of the event.", (e) => e.record.number),
  field("evt.time", "CHARBUF", "Local time of day with nanoseconds.", (e) => timeText(e.time, true), asNumber),
  field("evt.time.s", "CHARBUF", "Local time of day.", (e) => timeText(e.time, false), asNumber),
  field("evt.time.iso8601", "CHARBUF", "UTC in ISO 8601 with nanoseconds.", (e) => iso8601Text(e.time), asNumber),
  field(
    "evt.datetime",
    "CHARBUF",
    "Local date and time with nanoseconds.",
    (e) => dateTimeText(e.time, true),
    asNumber,
  ),
  field("evt.datetime.s", "CHARBUF", "Local date and time.", (e) => dateTimeText(e.time, false), asNumber),
  field("evt.rawtime", "ABSTIME", "Nanoseconds since 1970.", number(time)),
  field(
    "evt.rawtime.s",
    "ABSTIME",
    "Seconds since 1970.",
    number((e) => time(e) / NS),
  ),
  field(
    "evt.rawtime.ns",
    "ABSTIME",
    "Nanoseconds within the second.",
    number((e) => time(e) % NS),
    {
      print: padded(time),
      json: number((e) => time(e) % NS),
    },
  ),
  field("evt.reltime", "RELTIME", "Nanoseconds since the first event.", number(sinceFirst), {
    print: (e) => sinceFirst(e).toString().padStart(9, "0"),
    json: number(sinceFirst),
  }),
  field(
    "evt.reltime.s",
    "RELTIME",
    "Seconds since the first event.",
    number((e) => sinceFirst(e) / NS),
  ),
  field(
    "evt.reltime.ns",
    "RELTIME",
    "Nanoseconds since the first event, within the second.",
    number((e) => sinceFirst(e) % NS),
    {
      print: padded(sinceFirst),
      json: number((e) => sinceFirst(e) % NS),
    },
  ),
  unsupported("evt.pluginname", "CHARBUF", "Plugin behind the event.", NO_PLUGINS),
  unsupported("evt.plugininfo", "CHARBUF", "Summary by the plugin behind the event.", NO_PLUGINS),
  field("evt.source", "CHARBUF", "Source of the event: syscall.", () => "syscall"),
  field("evt.is_async", "BOOL", "True for asynchronous events: no system call is one.", () => false),
  unsupported(
    "evt.asynctype",
    "CHARBUF",
    "Type of an asynchronous event.",
    "no event is asynchronous, all are system calls",
  ),
  field("evt.hostname", "CHARBUF", "Name of the host.", (e) => e.services.hostname),
];

const LATENCY = { deprecated: true };

/** Times between events; Falco keeps the latencies as zero since it reads calls at their end only. */
export const EVT_LATENCY_FIELDS: readonly FieldSpec[] = [
  field("evt.latency", "RELTIME", "Time within the call: always 0, as in Falco since 0.42.", () => 0, LATENCY),
  field("evt.latency.s", "RELTIME", "Seconds within the call: always 0.", () => 0, LATENCY),
  field("evt.latency.ns", "RELTIME", "Nanoseconds within the call: always 0.", () => 0, {
    ...LATENCY,
    print: () => "000000000",
  }),
  field("evt.latency.quantized", "UINT64", "Logarithm of the time within the call: always 0.", () => 0, LATENCY),
  field("evt.latency.human", "CHARBUF", "Time within the call as a text: always 0ns.", () => "0ns", LATENCY),
  field("evt.deltatime", "RELTIME", "Nanoseconds since the event before.", number(sincePrevious)),
  field(
    "evt.deltatime.s",
    "RELTIME",
    "Seconds since the event before.",
    number((e) => sincePrevious(e) / NS),
  ),
  field(
    "evt.deltatime.ns",
    "RELTIME",
    "Nanoseconds since the event before, within the second.",
    number((e) => sincePrevious(e) % NS),
    {
      print: padded(sincePrevious),
      json: number((e) => sincePrevious(e) % NS),
    },
  ),
  field(
    "evt.outputtime",
    "CHARBUF",
    "Local time of day with nanoseconds, for outputs.",
    (e) => timeText(e.time, true),
    {
      outputOnly: true,
      ...asNumber,
    },
  ),
  field(
    "evt.dir",
    "CHARBUF",
    "`<` for a call at its end; `>` for a process's exit, which is no call.",
    (e) => (e.traits.returns ? "<" : ">"),
    { deprecated: true },
  ),
];
