import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { call, errorText } from "./state/http.ts";

/** Asks for the password; the server sets the session cookie. */
export function Login(): VNode {
  const [password, setPassword] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await call("POST", "/api/console/login", { password });
      location.assign(nextPage());
    } catch (error) {
      setFault(errorText(error));
      setPassword("");
    }
  };
  return (
    <main class="login">
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <h1>Falco console</h1>
        <label>
          Password
          <input
            type="password"
            autocomplete="current-password"
            required
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        {fault !== null && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <button type="submit" class="button primary">
          Log in
        </button>
      </form>
    </main>
  );
}

/** Where to go after the login: a page of the console only, whatever the URL says. */
function nextPage(): string {
  const wanted = new URL(new URLSearchParams(location.search).get("next") ?? "/", location.origin);
  return wanted.origin === location.origin && wanted.pathname.startsWith("/app/")
    ? wanted.pathname + wanted.search
    : "/app/discover";
}
