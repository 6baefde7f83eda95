import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ROOT } from "../support/requirements.ts";

/** A command that a page tells its reader to type. */
export interface DocumentedCommand {
  /** Path from the project's folder. */
  readonly page: string;
  readonly line: number;
  /** Without its comment, in one line. */
  readonly text: string;
}

export interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly lines: readonly string[];
}

/** Every fenced block of every page that a user reads. */
export function documentedBlocks(): Block[] {
  const pages = globSync(["*.md", "docs/**/*.md", "docker/*.md", "packaging/*.md", "packages/*/*.md", "test/*/*.md"], {
    cwd: ROOT,
  }).sort();
  return pages.flatMap((page) => blocksOf(relative(ROOT, join(ROOT, page))));
}

/** The commands among them: the lines of blocks of the language `sh`, and those behind a prompt in `console` blocks. */
export function documentedCommands(): DocumentedCommand[] {
  return documentedBlocks()
    .filter(({ language }) => language === "sh" || language === "console")
    .flatMap(({ page, line, language, lines }) => {
      const commands: DocumentedCommand[] = [];
      let begun = "";
      for (const [index, shown] of lines.entries()) {
        if (language === "console" && begun === "" && !shown.startsWith("$ ")) continue;
        const written = language === "console" ? shown.replace(/^\$ /, "") : shown;
        const text = `${begun}${written.replace(/(^|\s+)#\s.*$/, "").trim()}`;
        begun = text.endsWith("\\") ? `${text.slice(0, -1).trimEnd()} ` : "";
        if (begun === "" && text !== "") commands.push({ page, line: line + 1 + index, text });
      }
      return commands;
    });
}

function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  let open: { line: number; language: string; lines: string[] } | null = null;
  for (const [index, text] of readFileSync(join(ROOT, page), "utf8").split("\n").entries()) {
    const fence = /^\s*```(\w*)\s*$/.exec(text);
    if (fence === null) open?.lines.push(text);
    else if (open === null) open = { line: index + 1, language: fence[1] ?? "", lines: [] };
    else {
      blocks.push({ page, ...open });
      open = null;
    }
  }
  return blocks;
}
