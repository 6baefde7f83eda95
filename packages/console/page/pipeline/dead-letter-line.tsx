import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { formatNumber } from "../data/format-number.ts";
import { type Json, parseJson, stringifyJson } from "../data/json.ts";
import { safeText } from "../data/safe-text.ts";
import { errorText } from "../state/http.ts";
import { formatTime } from "../time/format-time.ts";
import { ConfirmButton } from "../ui/confirm.tsx";
import { say } from "../ui/toast.tsx";
import { Value } from "../ui/value.tsx";
import { type DeadLetter, readDeadLetter } from "./dead-letter.ts";
import { formatBytes } from "./figures.ts";

interface DeadLetterLineProps {
  readonly letter: DeadLetter;
  readonly busy: boolean;
  readonly onReplay: () => void;
  readonly onDrop: () => void;
}

/** A dead letter on one line: why, from where. Opened, it shows the record. */
export function DeadLetterLine({ letter, busy, onReplay, onDrop }: DeadLetterLineProps): VNode {
  const place = `${letter.path}, byte ${formatNumber(letter.offset)}`;
  return (
    <li class="letter">
      <p class="letter-reason">
        <Value value={letter.reason} limit={300} />
      </p>
      <p class="hint letter-origin">
        {formatTime(Date.parse(letter.time))} · <bdi>{safeText(place)}</bdi> · refused by {letter.by}
        {letter.status > 0 && ` (${letter.status})`}
      </p>
      <div class="menu">
        <button type="button" class="button small" disabled={busy} onClick={onReplay}>
          Replay<span class="hidden"> the record at {place}</span>
        </button>
        <ConfirmButton
          small
          label="Drop"
          about={`the record at ${place}`}
          disabled={busy}
          question="Drop this dead letter?"
          onConfirm={onDrop}
        >
          The event at byte {formatNumber(letter.offset)} of <bdi>{safeText(letter.path)}</bdi> will never be in
          Elasticsearch.
        </ConfirmButton>
      </div>
      <Record letter={letter} />
    </li>
  );
}

function Record({ letter }: { readonly letter: DeadLetter }): VNode {
  const [whole, setWhole] = useState<DeadLetter | null>(null);
  const shown = whole ?? letter;
  const readAll = async (): Promise<void> => {
    try {
      setWhole(await readDeadLetter(letter.id));
    } catch (failure) {
      say(errorText(failure), "error");
    }
  };
  return (
    <details>
      <summary>The record ({formatBytes(letter.length)})</summary>
      {shown.encoding === "base64" && <p class="hint">Not UTF-8, so it is shown in base64.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard. */}
      <pre tabIndex={0}>{safeText(readable(shown))}</pre>
      {shown.cut === true && (
        <button type="button" class="button small" onClick={() => void readAll()}>
          Show all of it
        </button>
      )}
      <p class="hint">Document id {letter.id}</p>
    </details>
  );
}

/** The record with a line a key where it's JSON, else as it is. */
function readable({ record, cut, encoding }: DeadLetter): string {
  if (cut === true || encoding === "base64") return record;
  let value: Json;
  try {
    value = parseJson(record);
  } catch {
    return record;
  }
  return stringifyJson(value, 2);
}
