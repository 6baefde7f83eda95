import type { TaskInfo } from "@falco-efk/event";
import { LAYOUT } from "./frame-layout.ts";
import type { FrameView } from "./frame-view.ts";

/** The task's part of the frame that a view stands on. */
export class TaskView implements TaskInfo {
  readonly #frame: FrameView;

  constructor(frame: FrameView) {
    this.#frame = frame;
  }

  get tid(): number {
    return this.#frame.u32(LAYOUT["frame.tid"]);
  }

  get pid(): number {
    return this.#frame.u32(LAYOUT["frame.pid"]);
  }

  get ppid(): number {
    return this.#frame.u32(LAYOUT["frame.ppid"]);
  }

  get vtid(): number {
    return this.#frame.u32(LAYOUT["frame.vtid"]);
  }

  get vpid(): number {
    return this.#frame.u32(LAYOUT["frame.vpid"]);
  }

  get startTime(): number | bigint {
    return this.#frame.u64(LAYOUT["frame.start_time"]);
  }

  get comm(): string {
    return this.#frame.fixedText(LAYOUT["frame.comm"], 16);
  }

  get uid(): number {
    return this.#frame.u32(LAYOUT["frame.uid"]);
  }

  get gid(): number {
    return this.#frame.u32(LAYOUT["frame.gid"]);
  }

  get euid(): number {
    return this.#frame.u32(LAYOUT["frame.euid"]);
  }

  get egid(): number {
    return this.#frame.u32(LAYOUT["frame.egid"]);
  }

  get loginUid(): number {
    return this.#frame.u32(LAYOUT["frame.loginuid"]);
  }

  get sid(): number {
    return this.#frame.u32(LAYOUT["frame.sid"]);
  }

  get vsid(): number {
    return this.#frame.u32(LAYOUT["frame.vsid"]);
  }

  get pgid(): number {
    return this.#frame.u32(LAYOUT["frame.pgid"]);
  }

  get vpgid(): number {
    return this.#frame.u32(LAYOUT["frame.vpgid"]);
  }

  get tty(): number {
    return this.#frame.u32(LAYOUT["frame.tty"]);
  }

  get capInheritable(): bigint {
    return this.#frame.big(LAYOUT["frame.cap_inheritable"]);
  }

  get capPermitted(): bigint {
    return this.#frame.big(LAYOUT["frame.cap_permitted"]);
  }

  get capEffective(): bigint {
    return this.#frame.big(LAYOUT["frame.cap_effective"]);
  }

  get cgroup(): string {
    return this.#frame.text(LAYOUT.SECTION_CGROUP) ?? "";
  }

  get pidNamespace(): number {
    return this.#frame.u32(LAYOUT["frame.pid_namespace"]);
  }

  get mountNamespace(): number {
    return this.#frame.u32(LAYOUT["frame.mount_namespace"]);
  }

  get pidNamespaceStart(): number | bigint {
    return this.#frame.u64(LAYOUT["frame.pid_namespace_start"]);
  }
}
