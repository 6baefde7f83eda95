import { STATUS_CODES } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isAllowedHost } from "./host-check.ts";
import type { Sessions } from "./sessions.ts";

export interface GuardOptions {
  /** Names that the console answers to, beside localhost and IP addresses. */
  readonly allowedHosts: readonly string[];
  /** Null when no login is needed. */
  readonly sessions: Sessions | null;
  /** Marks the session cookie `Secure`. */
  readonly tls: boolean;
}

const COOKIE = "falco_console_session";

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
};

/**
 * What every request passes: Host check, `kbn-xsrf` on writes (a header that a foreign page can't send without asking),
 * and, with a password, a session cookie or Basic authentication.
 */
export function addGuard(app: FastifyInstance, options: GuardOptions): void {
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(HEADERS);
    if (!isAllowedHost(request.headers.host, options.allowedHosts)) {
      return refuse(
        reply,
        403,
        `the host name of this request is not allowed (start the console with --allow-host NAME)`,
      );
    }
    const safe = request.method === "GET" || request.method === "HEAD";
    if (!safe && request.headers["kbn-xsrf"] === undefined) {
      return refuse(reply, 400, "Request must contain a kbn-xsrf header.");
    }
    if (needsLogin(request, options.sessions)) return askForLogin(request, reply, options.sessions);
  });
  if (options.sessions !== null) addLoginRoutes(app, options.sessions, options.tls);
}

function needsLogin(request: FastifyRequest, sessions: Sessions | null): sessions is Sessions {
  if (sessions === null) return false;
  const path = request.url.split("?")[0] ?? "/";
  const open = path === "/login" || path === "/api/console/login" || path.startsWith("/assets/");
  return !open && !sessions.isValid(readCookie(request));
}

function askForLogin(request: FastifyRequest, reply: FastifyReply, sessions: Sessions): FastifyReply | undefined {
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (basic !== undefined) {
    const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(basic, "base64").toString("utf8")) ?? [];
    const answer = sessions.login(password ?? "", request.ip);
    if (answer === "wait") return refuse(reply, 429, "too many wrong passwords; wait a minute");
    if (answer !== "wrong") {
      sessions.logout(answer.token);
      return undefined;
    }
  }
  if (request.url.startsWith("/api/")) return refuse(reply, 401, "log in first");
  return reply.redirect(`/login?next=${encodeURIComponent(request.url)}`, 303);
}

function addLoginRoutes(app: FastifyInstance, sessions: Sessions, tls: boolean): void {
  const attributes = `Path=/; HttpOnly; SameSite=Strict${tls ? "; Secure" : ""}`;
  app.post<{ Body: { password?: unknown } | null }>("/api/console/login", async (request, reply) => {
    const password = request.body?.password;
    if (typeof password !== "string") return refuse(reply, 400, "a password is needed");
    const answer = sessions.login(password, request.ip);
    if (answer === "wait") return refuse(reply, 429, "Too many wrong passwords. Wait a minute and try again.");
    if (answer === "wrong") return refuse(reply, 401, "That is not the password.");
    return reply.header("set-cookie", `${COOKIE}=${answer.token}; ${attributes}`).send({ ok: true });
  });
  app.post("/api/console/logout", async (request, reply) => {
    sessions.logout(readCookie(request));
    return reply.header("set-cookie", `${COOKIE}=; Max-Age=0; ${attributes}`).send({ ok: true });
  });
}

function readCookie(request: FastifyRequest): string | undefined {
  return new RegExp(`(?:^|;\\s*)${COOKIE}=([A-Za-z0-9_-]+)`).exec(request.headers.cookie ?? "")?.[1];
}

function refuse(reply: FastifyReply, statusCode: number, message: string): FastifyReply {
  return reply.code(statusCode).send({ statusCode, error: STATUS_CODES[statusCode] ?? "Error", message });
}
