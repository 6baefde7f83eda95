import type { Message } from "./message.ts";

/** What became of one try to deliver. */
export type Outcome =
  | { readonly result: "sent" }
  | {
      readonly result: "retry";
      readonly error: string;
      /** How long the recipient asks us to wait, milliseconds. */
      readonly afterMs: number | null;
    }
  /** It will never be taken, however often it's tried. */
  | { readonly result: "refused"; readonly error: string };

/** One place that messages go to. */
export interface Recipient {
  readonly name: string;
  readonly type: "slack" | "webhook" | "smtp";
  /** Tries once; never throws. `id` is the same for every try of one message. */
  send(message: Message, id: string): Promise<Outcome>;
  close(): Promise<void>;
}
