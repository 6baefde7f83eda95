import type { HostNamespaces } from "@falco-efk/event";
import { ProbeError } from "./errors.ts";
import { LAYOUT } from "./frame-layout.ts";
import type { ProcessIdentity } from "./options.ts";

const NANOSECONDS_A_TICK = 10_000_000n;

/** What the kernel programs are told while they run. */
export interface Control {
  /** Of the filter, which is in force. */
  readonly generation: number;
  readonly ignored: readonly ProcessIdentity[];
  /** Null where they are not known: then everyone counts as contained. */
  readonly host: HostNamespaces | null;
  /** It is all over. */
  readonly stopped: boolean;
}

/** The kernel's `struct control`. */
export function controlBytes({ generation, ignored, host, stopped }: Control): Uint8Array {
  if (ignored.length > LAYOUT.MAX_IGNORED) {
    throw new ProbeError(
      "load-failed",
      `${ignored.length} processes to ignore, the kernel programs hold ${LAYOUT.MAX_IGNORED}`,
      "ignore fewer",
    );
  }
  const bytes = new Uint8Array(LAYOUT["control.bytes"]);
  const view = new DataView(bytes.buffer);
  view.setUint32(LAYOUT["control.generation"], generation, true);
  view.setUint32(LAYOUT["control.ignored_count"], ignored.length, true);
  view.setUint32(LAYOUT["control.stopped"], stopped ? 1 : 0, true);
  view.setUint32(LAYOUT["control.host_pid_namespace"], host?.pid ?? 0, true);
  view.setUint32(LAYOUT["control.host_mount_namespace"], host?.mount ?? 0, true);
  ignored.forEach((process, index) => {
    const at = LAYOUT["control.ignored"] + index * LAYOUT["ignored_process.bytes"];
    view.setUint32(at + LAYOUT["ignored_process.pid"], process.pid, true);
    view.setBigUint64(at + LAYOUT["ignored_process.start_ticks"], BigInt(process.startTime) / NANOSECONDS_A_TICK, true);
  });
  return bytes;
}
