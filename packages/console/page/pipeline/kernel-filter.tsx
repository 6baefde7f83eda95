import type { VNode } from "preact";
import { formatNumber, formatShare } from "../data/format-number.ts";
import { ShareBar } from "../ui/share-bar.tsx";
import { type EngineFigures, sum } from "./figures.ts";

/** What the kernel saw and how little of it had to leave the kernel; by event type, folded away. */
export function KernelFilter({ engine }: { readonly engine: EngineFigures }): VNode {
  const seen = sum(engine.pushdown.map((row) => row.seen));
  const passed = sum(engine.pushdown.map((row) => row.passed));
  return (
    <section class="box" aria-label="Kernel filter">
      <header>
        <h2>Filter in the kernel</h2>
        <span class="hint">rules decide there what is worth sending up</span>
      </header>
      {seen === 0 ? (
        <p class="empty">
          {engine.mode === "live"
            ? "The kernel has seen no event yet."
            : engine.mode === "replay"
              ? "A recording has no kernel filter: every event in it is evaluated."
              : "The engine runs without a driver, so no event comes from the kernel."}
        </p>
      ) : (
        <>
          <p class="share-line">
            <b>{formatShare(passed, seen)}</b> passed: {formatNumber(passed)} of {formatNumber(seen)} events
          </p>
          <ShareBar part={passed} whole={seen} label="Passed" />
          <details>
            <summary>By event type ({engine.pushdown.length})</summary>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard. */}
            <section class="scroll" tabIndex={0} aria-label="Events by type">
              <table class="data-table">
                <thead>
                  <tr>
                    <th scope="col">Event type</th>
                    <th scope="col" class="number">
                      Seen
                    </th>
                    <th scope="col" class="number">
                      Passed
                    </th>
                    <th scope="col">Share</th>
                  </tr>
                </thead>
                <tbody>
                  {engine.pushdown.map((row) => (
                    <tr key={row.type}>
                      <td>
                        <code>{row.type}</code>
                      </td>
                      <td class="number">{formatNumber(row.seen)}</td>
                      <td class="number">{formatNumber(row.passed)}</td>
                      <td class="col-share">
                        <ShareBar part={row.passed} whole={row.seen} label={row.type} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          </details>
        </>
      )}
    </section>
  );
}
