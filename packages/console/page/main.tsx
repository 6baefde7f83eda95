import { render } from "preact";
import { App } from "./app.tsx";
import { startRouter } from "./state/router.ts";
import { loadSession } from "./state/session.ts";
import { startTheme } from "./state/theme.ts";
import "./style/page.css";

startTheme();
startRouter();
if (location.pathname !== "/login") void loadSession();
const root = document.getElementById("app");
if (root !== null) {
  root.replaceChildren();
  render(<App />, root);
}
