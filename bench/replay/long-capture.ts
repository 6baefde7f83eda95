import { copyTask, eventTypeByName, type ProcessImage, type ProcessSnapshot } from "@falco-efk/event";
import { FrameView, openCapture, writeCapture } from "@falco-efk/probe";
import { LAYOUT } from "../../packages/probe/src/frame-layout.ts";

/** Members of a frame that number a task; each round is given others, as if the work had been done anew. */
const TASKS = ["tid", "pid", "ppid", "vtid", "vpid", "sid", "vsid", "pgid", "vpgid"] as const;
const TIMES = ["time", "start_time"] as const;
const CLONE = eventTypeByName("clone")?.id;
/** Far enough apart that no two rounds share a pid. */
const PIDS_A_ROUND = 20_000;

/**
 * Writes a capture of the same work done `rounds` times in a row: each round's processes have pids of their own and start
 * when the round before has ended.
 */
export async function repeatCapture(from: string, to: string, rounds: number): Promise<void> {
  const capture = await openCapture(from);
  const frames: Uint8Array<ArrayBuffer>[] = [];
  const processes: ProcessSnapshot[] = [];
  await capture.run(
    (record) => {
      if (!(record instanceof FrameView)) return;
      frames.push(record.copy());
      if (processes.length === 0 && record.image !== null) processes.push(initBeside(record));
    },
    { signal: new AbortController().signal },
  );
  await capture.close();
  const views = frames.map((frame) => new DataView(frame.buffer));
  const times = views.map((view) => view.getBigUint64(LAYOUT["frame.time"], true));
  const length = (times.at(-1) ?? 0n) - (times[0] ?? 0n) + 1_000_000n;
  const context = { clockOffset: 0n, cgroupController: capture.meta.cgroupController };
  const writer = writeCapture(to, { state: { ...(capture.state as object), processes }, context });
  for (let round = 0; round < rounds; round++) {
    for (const [index, view] of views.entries()) {
      writer.write(frames[index] as Uint8Array);
      for (const name of TASKS) {
        const at = LAYOUT[`frame.${name}`];
        if (view.getUint32(at, true) > 2) view.setUint32(at, view.getUint32(at, true) + PIDS_A_ROUND, true);
      }
      for (const name of TIMES) {
        const at = LAYOUT[`frame.${name}`];
        view.setBigUint64(at, view.getBigUint64(at, true) + length, true);
      }
      const child = view.getBigInt64(LAYOUT["frame.result"], true);
      if (view.getUint16(LAYOUT["frame.type"], true) === CLONE && child > 0n) {
        view.setBigInt64(LAYOUT["frame.result"], child + BigInt(PIDS_A_ROUND), true);
      }
    }
  }
  writer.close();
}

/** The host's init, by whose namespaces the host is told from a container: a process of the host says which they are. */
function initBeside(record: FrameView): ProcessSnapshot {
  const { task, image } = record;
  return {
    task: { ...copyTask(task), pid: 1, tid: 1, ppid: 0, comm: "init" },
    image: { ...(image as ProcessImage), exe: "/sbin/init", exePath: "/sbin/init", args: [], env: [] },
  };
}
