import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { formatNumber } from "../data/format-number.ts";
import { errorText } from "../state/http.ts";
import { ConfirmButton } from "../ui/confirm.tsx";
import { Icon } from "../ui/icons.tsx";
import { say } from "../ui/toast.tsx";
import { useLoaded } from "../ui/use-ticking.ts";
import { type Chosen, dropDeadLetters, listDeadLetters, replayDeadLetters } from "./dead-letter.ts";
import { DeadLetterLine } from "./dead-letter-line.tsx";

const PAGE_SIZE = 20;

interface DeadLettersProps {
  /** Changes when the shipper has put more aside. */
  readonly version: number;
}

/** The records that were refused: why, from where, what is in them; to send again or to drop. */
export function DeadLetters({ version }: DeadLettersProps): VNode {
  const [turn, setTurn] = useState(0);
  const [from, setFrom] = useState(0);
  const [busy, setBusy] = useState(false);
  const { value, fault } = useLoaded(`dead letters ${version} ${turn} ${from}`, (signal) =>
    listDeadLetters(from, PAGE_SIZE, signal),
  );
  const act = async (work: () => Promise<{ readonly text: string; readonly ok: boolean }>): Promise<void> => {
    setBusy(true);
    try {
      const { text, ok } = await work();
      say(text, ok ? "info" : "error");
    } catch (failure) {
      say(errorText(failure), "error");
    } finally {
      setBusy(false);
      setFrom(0);
      setTurn((before) => before + 1);
    }
  };
  const replay = (chosen: Chosen): void => void act(() => replayDeadLetters(chosen));
  const drop = (chosen: Chosen): void =>
    void act(async () => ({ text: `${formatNumber(await dropDeadLetters(chosen))} dropped`, ok: true }));
  const total = value?.total ?? 0;
  return (
    <section class="box" aria-label="Dead letters">
      <header>
        <h2>Dead letters</h2>
        {total > 0 && (
          <div class="menu">
            <button type="button" class="button small" disabled={busy} onClick={() => replay({ all: true })}>
              <Icon name="refresh" /> {busy ? "Sending…" : "Replay all"}
            </button>
            <ConfirmButton
              small
              icon="trash"
              label="Drop all"
              disabled={busy}
              question={`Drop all ${formatNumber(total)} dead letters?`}
              onConfirm={() => drop({ all: true })}
            >
              Their events will never be in Elasticsearch. The lines may still be in the files that they came from.
            </ConfirmButton>
          </div>
        )}
      </header>
      {fault !== null && <p class="fault">{errorText(fault)}</p>}
      {value !== null && total === 0 && (
        <p class="hint">
          None. A record that Elasticsearch refuses is kept here with the reason, and nothing waits for it.
        </p>
      )}
      {value === null && fault === null && <p class="hint">Loading…</p>}
      {total > 0 && (
        <ul class="letters">
          {value?.letters.map((letter) => (
            <DeadLetterLine
              key={letter.id}
              letter={letter}
              busy={busy}
              onReplay={() => replay({ ids: [letter.id] })}
              onDrop={() => drop({ ids: [letter.id] })}
            />
          ))}
        </ul>
      )}
      {total > PAGE_SIZE && (
        <nav class="pager" aria-label="Dead letters">
          <button type="button" class="button small" disabled={from === 0} onClick={() => setFrom(from - PAGE_SIZE)}>
            Newer
          </button>
          <span class="hint">
            {formatNumber(from + 1)}–{formatNumber(Math.min(total, from + PAGE_SIZE))} of {formatNumber(total)}
          </span>
          <button
            type="button"
            class="button small"
            disabled={from + PAGE_SIZE >= total}
            onClick={() => setFrom(from + PAGE_SIZE)}
          >
            Older
          </button>
        </nav>
      )}
    </section>
  );
}
