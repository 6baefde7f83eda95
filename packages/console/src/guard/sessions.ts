import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const LIFETIME_MS = 12 * 3600_000;
const MAX_SESSIONS = 1_000;
/** Wrong passwords an address may send in `ATTEMPT_WINDOW_MS`. */
const MAX_ATTEMPTS = 10;
const ATTEMPT_WINDOW_MS = 60_000;

/** Who is logged in. Sessions live in memory: a restart logs everybody out. */
export interface Sessions {
  /** A new session's token, `"wrong"` for a wrong password, `"wait"` after too many wrong ones from `address`. */
  login(password: string, address: string): { readonly token: string } | "wrong" | "wait";
  /** Whether the token is a living session's; a use prolongs it. */
  isValid(token: string | undefined): boolean;
  logout(token: string | undefined): void;
}

export function createSessions(password: string, now: () => number): Sessions {
  const wanted = digest(password);
  const sessions = new Map<string, number>();
  const attempts = new Map<string, { since: number; count: number }>();

  return {
    login: (given, address) => {
      const time = now();
      const before = attempts.get(address);
      const current =
        before === undefined || time - before.since > ATTEMPT_WINDOW_MS ? { since: time, count: 0 } : before;
      if (current.count >= MAX_ATTEMPTS) return "wait";
      if (!timingSafeEqual(digest(given), wanted)) {
        // Forgetting everybody when the table is full keeps its size bounded whoever knocks.
        if (attempts.size >= MAX_SESSIONS) attempts.clear();
        attempts.set(address, { since: current.since, count: current.count + 1 });
        return "wrong";
      }
      attempts.delete(address);
      const token = randomBytes(32).toString("base64url");
      if (sessions.size >= MAX_SESSIONS) sessions.delete(sessions.keys().next().value ?? "");
      sessions.set(digestKey(token), time + LIFETIME_MS);
      return { token };
    },
    isValid: (token) => {
      if (token === undefined) return false;
      const key = digestKey(token);
      const until = sessions.get(key);
      if (until === undefined) return false;
      sessions.delete(key);
      if (until < now()) return false;
      sessions.set(key, now() + LIFETIME_MS);
      return true;
    },
    logout: (token) => {
      if (token !== undefined) sessions.delete(digestKey(token));
    },
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function digestKey(token: string): string {
  return digest(token).toString("base64url");
}
