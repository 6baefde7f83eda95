import { describeSystemError } from "@falco-efk/kit";
import { createTransport } from "nodemailer";
import { plainText } from "./message.ts";
import type { Recipient } from "./recipient.ts";

export interface SmtpOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (port 465); otherwise STARTTLS where the server offers it. */
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly timeoutMs?: number;
}

/** A mail server. The message id is the same for every try, so that a mail that came twice can be told. */
export function smtpRecipient(options: SmtpOptions): Recipient {
  const timeout = options.timeoutMs ?? 20_000;
  const auth = options.username === undefined ? {} : { auth: { user: options.username, pass: options.password ?? "" } };
  const transport = createTransport({
    host: options.host,
    port: options.port,
    secure: options.tls,
    // A password never goes over a line that anyone can read.
    requireTLS: options.username !== undefined && !options.tls,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    ...auth,
  });
  return {
    name: options.name,
    type: "smtp",
    close: async () => transport.close(),
    async send(message, id) {
      try {
        await transport.sendMail({
          from: options.from,
          to: [...options.to],
          subject: message.title,
          text: plainText(message),
          messageId: `<${id}@falco-alert>`,
        });
        return { result: "sent" };
      } catch (error) {
        const code = (error as { responseCode?: number }).responseCode;
        const reason = describeSystemError(error);
        // 55x: this mail is refused for good; 53x is about the log-in, which can be mended.
        if (code !== undefined && code >= 550 && code < 560) return { result: "refused", error: reason };
        return { result: "retry", error: reason, afterMs: null };
      }
    },
  };
}
