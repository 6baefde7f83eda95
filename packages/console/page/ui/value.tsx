import type { VNode } from "preact";
import { isPriority } from "../charts/palette.ts";
import { formatNumber } from "../data/format-number.ts";
import { valueText } from "../data/hit.ts";
import type { Json } from "../data/json.ts";
import { safeText, shorten } from "../data/safe-text.ts";

interface ValueProps {
  readonly value: Json | undefined;
  readonly limit?: number;
}

/** A field's value as plain text, whatever an attacker put into it: shortened, and nothing in it invisible. */
export function Value({ value, limit = 400 }: ValueProps): VNode {
  const whole = valueText(value);
  if (whole === "") return <span class="none">–</span>;
  if (typeof value === "string" && isPriority(value)) return <Priority name={value} />;
  const { text, length } = shorten(whole, limit);
  return (
    <bdi class="value">
      {safeText(text)}
      {length !== null && <span class="cut">… ({formatNumber(length)} characters)</span>}
    </bdi>
  );
}

/** A priority: its colour and its name, because colour alone says nothing to many. */
export function Priority({ name }: { readonly name: string }): VNode {
  return <span class={`priority p-${name.toLowerCase()}`}>{name}</span>;
}
