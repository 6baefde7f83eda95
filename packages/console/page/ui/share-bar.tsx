import type { VNode } from "preact";
import { formatNumber, formatShare } from "../data/format-number.ts";

interface ShareBarProps {
  readonly part: number;
  readonly whole: number;
  readonly label: string;
}

/** How much of a whole a part is, as a bar; the words say the same. */
export function ShareBar({ part, whole, label }: ShareBarProps): VNode {
  const share = whole === 0 ? 0 : Math.min(1, part / whole);
  return (
    <svg
      class="share"
      role="img"
      aria-label={`${label}: ${formatNumber(part)} of ${formatNumber(whole)}, ${formatShare(part, whole)}`}
    >
      <rect class="share-whole" width="100%" height="100%" rx="3" />
      <rect class="share-part" width={`${(share * 100).toFixed(2)}%`} height="100%" rx="3" />
    </svg>
  );
}
