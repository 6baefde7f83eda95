import { UserError } from "@falco-efk/kit";
import { parseSize } from "../memory/size.ts";

/** Where a value was set, for messages. */
export interface ConfigPlace {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly key: string;
}

/** The memory budget as it was asked for. */
export interface MaxRss {
  /** 0: none. */
  readonly bytes: number;
  readonly place: ConfigPlace;
}

/** Reads `engine.max_rss`. Throws UserError (`CONFIG_INVALID`) for what is no size. */
export function readMaxRss(text: string, place: ConfigPlace): MaxRss {
  const bytes = parseSize(text);
  if (bytes !== null) return { bytes, place };
  throw new UserError(`${JSON.stringify(text)} is no size`, {
    code: "CONFIG_INVALID",
    ...place,
    hint: "such as 160M or 1G; 0 for none",
  });
}
