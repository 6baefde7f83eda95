import { type Signal, signal } from "@preact/signals";
import type { VNode } from "preact";

interface Toast {
  readonly text: string;
  readonly kind: "info" | "error";
}

const toast: Signal<Toast | null> = signal(null);
let timer: ReturnType<typeof setTimeout> | undefined;

/** Says something in the corner for a few seconds. */
export function say(text: string, kind: Toast["kind"] = "info"): void {
  toast.value = { text, kind };
  clearTimeout(timer);
  timer = setTimeout(
    () => {
      toast.value = null;
    },
    kind === "error" ? 8_000 : 4_000,
  );
}

export function ToastCorner(): VNode {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toast.value !== null && <div class={`toast ${toast.value.kind}`}>{toast.value.text}</div>}
    </div>
  );
}
