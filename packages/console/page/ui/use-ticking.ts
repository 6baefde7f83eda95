import { useEffect, useState } from "preact/hooks";

/** A number that grows every `seconds` while the page is seen, and whenever `tick` is called. 0 seconds: only then. */
export function useTicking(seconds: number): readonly [number, () => void] {
  const [count, setCount] = useState(0);
  const tick = (): void => setCount((value) => value + 1);
  useEffect(() => {
    if (seconds <= 0) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") tick();
    }, seconds * 1_000);
    return () => clearInterval(timer);
  }, [seconds]);
  return [count, tick];
}

/** The outcome of work that starts again when `key` changes; a late answer to an old question is thrown away. */
export interface Loaded<T> {
  readonly value: T | null;
  readonly fault: unknown;
  readonly busy: boolean;
}

export function useLoaded<T>(key: string, work: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<Loaded<T>>({ value: null, fault: null, busy: true });
  useEffect(() => {
    const controller = new AbortController();
    setState((before) => ({ ...before, busy: true }));
    work(controller.signal).then(
      (value) => !controller.signal.aborted && setState({ value, fault: null, busy: false }),
      (fault: unknown) =>
        !controller.signal.aborted && setState((before) => ({ value: before.value, fault, busy: false })),
    );
    return () => controller.abort();
  }, [key]);
  return state;
}
