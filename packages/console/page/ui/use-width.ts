import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** The width of a box in whole pixels, followed as it changes; 0 before it's drawn. */
export function useWidth<T extends HTMLElement>(): readonly [RefObject<T | null>, number, number] {
  const box = useRef<T>(null);
  const [size, setSize] = useState<readonly [number, number]>([0, 0]);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      const rect = entry?.contentRect;
      if (rect !== undefined) setSize([Math.floor(rect.width), Math.floor(rect.height)]);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [box, size[0], size[1]];
}
