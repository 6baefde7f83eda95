import { describeSystemError, systemErrorCode } from "@falco-efk/kit";
import { Agent, request } from "undici";
import { type Message, plainText, suppressedLine, topLines } from "./message.ts";
import type { Outcome, Recipient } from "./recipient.ts";

export interface HttpRecipientOptions {
  readonly name: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly now?: () => number;
}

/** A Slack incoming webhook: a text for the notification, blocks for the channel. */
export function slackRecipient(options: HttpRecipientOptions): Recipient {
  return httpRecipient("slack", options, slackPayload);
}

/** Any HTTP address: the notification as JSON. */
export function webhookRecipient(options: HttpRecipientOptions): Recipient {
  return httpRecipient("webhook", options, webhookPayload);
}

/** Slack takes 3,000 characters in a section, 2,000 in a context and 150 in a header, and refuses a message with more. */
const SECTION_LIMIT = 3000;
const CONTEXT_LIMIT = 2000;
const HEADER_LIMIT = 150;

function slackPayload(message: Message): unknown {
  const section = (text: string): object => ({
    type: "section",
    text: { type: "mrkdwn", text: cut(text, SECTION_LIMIT) },
  });
  const top = topLines(message);
  const suppressed = suppressedLine(message).map(slackEscape);
  const withLink = [...suppressed, ...(message.link === null ? [] : [`<${message.link}|Open in Discover>`])];
  // A link that was cut would lead nowhere.
  const closing = withLink.join(" · ").length > CONTEXT_LIMIT ? suppressed : withLink;
  return {
    text: cut(plainTextHead(message), SECTION_LIMIT),
    blocks: [
      { type: "header", text: { type: "plain_text", text: cut(message.title, HEADER_LIMIT) } },
      ...(message.lines.length === 0 ? [] : [section(message.lines.map(slackEscape).join("\n"))]),
      ...(top.length === 0 ? [] : [section(`*Top rules*\n${top.map((line) => `• ${slackEscape(line)}`).join("\n")}`)]),
      ...(closing.length === 0 ? [] : [{ type: "context", elements: [{ type: "mrkdwn", text: closing.join(" · ") }] }]),
    ],
  };
}

function plainTextHead({ title, lines }: Message): string {
  return slackEscape([title, ...lines].join("\n"));
}

/** Slack's three control characters; without this a process name could mention a channel or make a link. */
function slackEscape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

function webhookPayload(message: Message): unknown {
  const { notification } = message;
  return {
    id: notification.id,
    rule: notification.rule,
    when: notification.when,
    kind: notification.kind,
    time: new Date(notification.time).toISOString(),
    title: message.title,
    text: plainText(message),
    groups: notification.groups.map(({ group, value, suppressed, since, topRules, over }) => ({
      group,
      value,
      suppressed,
      since: new Date(since).toISOString(),
      over,
      top_rules: topRules,
    })),
    top_rules: message.topRules,
    suppressed: message.suppressed,
    link: message.link,
  };
}

function httpRecipient(
  type: "slack" | "webhook",
  options: HttpRecipientOptions,
  payload: (message: Message) => unknown,
): Recipient {
  const timeout = options.timeoutMs ?? 10_000;
  const now = options.now ?? Date.now;
  const agent = new Agent({ headersTimeout: timeout, bodyTimeout: timeout, connect: { timeout } });
  return {
    name: options.name,
    type,
    close: () => agent.close(),
    async send(message, id) {
      try {
        const answer = await request(options.url, {
          method: "POST",
          headers: { ...options.headers, "content-type": "application/json", "idempotency-key": id },
          body: JSON.stringify(payload(message)),
          dispatcher: agent,
        });
        const text = (await answer.body.text()).slice(0, 200);
        return outcomeOf(answer.statusCode, text, retryAfter(answer.headers["retry-after"], now()));
      } catch (error) {
        return { result: "retry", error: reasonOf(error), afterMs: null };
      }
    },
  };
}

function outcomeOf(status: number, text: string, afterMs: number | null): Outcome {
  if (status >= 200 && status < 300) return { result: "sent" };
  const error = `answers ${status}${text === "" ? "" : ` ${text}`}`;
  // The message itself is at fault: no later try would be taken. Everything else can be mended at the recipient's side.
  if (status === 400 || status === 413 || status === 422) return { result: "refused", error };
  return { result: "retry", error, afterMs };
}

/** `Retry-After` in seconds or as a date; null when there is none. */
function retryAfter(header: string | string[] | undefined, now: number): number | null {
  const value = Array.isArray(header) ? header[0] : header;
  if (value === undefined) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function reasonOf(error: unknown): string {
  const code = systemErrorCode(error) ?? "";
  if (["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "UND_ERR_CONNECT_TIMEOUT"].includes(code))
    return "no answer in time";
  return describeSystemError(error);
}
