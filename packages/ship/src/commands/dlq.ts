import { type Command, shutdownSignal, UserError } from "@falco-efk/kit";
import type { ShipConfig } from "../config/config.ts";
import { type DeadLetter, DeadLetters } from "../dead-letter/dead-letters.ts";
import type { LetterIndex } from "../dead-letter/letter-index.ts";
import { replayLetters } from "../dead-letter/replay.ts";
import { deadLetterFile } from "../shipper.ts";
import { table, terminalWidth } from "./table.ts";

/** Adds `dlq list|show|replay|drop`. */
export function addDeadLetterCommands(
  program: Command,
  config: () => ShipConfig,
  hide: (text: string) => string,
): void {
  const dlq = program.command("dlq").description("records that couldn't be delivered");
  const open = (): DeadLetters => new DeadLetters(deadLetterFile(config()));
  dlq
    .command("list")
    .description("list them with reason and origin")
    .option("--json", "as JSON lines")
    .action(async (options: { json?: boolean }) => {
      await using index = await open().open();
      const rows: (readonly string[])[] = [];
      for await (const letter of index.each(index.ids)) {
        if (options.json === true) process.stdout.write(hide(`${JSON.stringify(letter)}\n`));
        else rows.push(row(letter));
      }
      if (options.json !== true) process.stdout.write(hide(render(rows)));
    });
  dlq
    .command("show")
    .description("show one with its content")
    .argument("<id>")
    .action(async (id: string) => {
      const letters = open();
      await using index = await letters.open();
      const [letter] = await index.read(choose(letters, index, [id]));
      process.stdout.write(hide(`${JSON.stringify(letter, null, 2)}\n`));
    });
  dlq
    .command("replay")
    .description("send them again, all or those named; what is taken leaves the list")
    .argument("[id...]")
    .action(async (ids: string[]) => {
      const letters = open();
      const stop = shutdownSignal();
      const trouble = (reason: string): boolean =>
        process.stderr.write(`${hide(reason)}; trying again, Ctrl-C ends it\n`);
      await using index = await letters.open();
      const chosen = { index, ids: choose(letters, index, ids) };
      const result = await replayLetters(config(), letters, chosen, { signal: stop, trouble });
      process.stdout.write(`${result.delivered} delivered, ${result.rejected} left\n`);
      for (const reason of result.reasons) process.stdout.write(`  ${hide(reason)}\n`);
      if (result.rejected > 0) process.exitCode = 1;
    });
  dlq
    .command("drop")
    .description("forget those named, or all with --all")
    .argument("[id...]")
    .option("--all", "all of them")
    .action(async (ids: string[], options: { all?: boolean }) => {
      if (ids.length === 0 && options.all !== true) {
        throw new UserError("which dead letters?", { code: "DLQ_NONE", hint: "name ids, or say --all" });
      }
      const letters = open();
      await using index = await letters.open();
      const chosen = choose(letters, index, ids);
      await letters.remove(chosen);
      process.stdout.write(`${chosen.length} dropped\n`);
    });
}

/** These ids, or all of them when there are none. */
function choose({ file }: DeadLetters, index: LetterIndex, ids: readonly string[]): readonly string[] {
  for (const id of ids) {
    if (!index.has(id)) {
      throw new UserError(`there is no dead letter ${id}`, {
        code: "DLQ_UNKNOWN",
        file,
        hint: "see dlq list",
      });
    }
  }
  return ids.length === 0 ? index.ids : [...new Set(ids)];
}

function row({ id, time, path, offset, reason }: DeadLetter): readonly string[] {
  return [id, time.slice(0, 19).replace("T", " "), `${path}:${offset}`, reason.replaceAll(/\s+/g, " ")];
}

function render(rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "no dead letters\n";
  const { width } = terminalWidth();
  // On a narrow terminal the id, which is what the other commands want, has a line of its own.
  if (width !== undefined && width < NARROW) return rows.map((cells) => narrow(cells, width)).join("");
  const shrink = { column: 3, at: "end" } as const;
  return table([["ID", "TIME (UTC)", "ORIGIN", "REASON"], ...rows], { width: width ?? LONGEST, shrink });
}

const NARROW = 100;
const LONGEST = 240;

function narrow([id = "", time = "", origin = "", reason = ""]: readonly string[], width: number): string {
  const fit = (text: string): string => (text.length > width ? `${text.slice(0, width - 1)}…` : text);
  return `${[`${id}  ${time}`, `  ${origin}`, `  ${reason}`].map(fit).join("\n")}\n`;
}
