import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { AlertsPage } from "./alerts/alerts-page.tsx";
import { DashboardList } from "./dashboards/dashboard-list.tsx";
import { DashboardPage } from "./dashboards/dashboard-page.tsx";
import { Discover } from "./discover/discover.tsx";
import { Login } from "./login.tsx";
import { Management } from "./management/management.tsx";
import { NewDataView } from "./management/new-data-view.tsx";
import { PipelinePage } from "./pipeline/pipeline-page.tsx";
import { ReplayMark } from "./replay/replay-mark.tsx";
import { RulesPage } from "./rules/rules-page.tsx";
import { call } from "./state/http.ts";
import { go, place } from "./state/router.ts";
import { dataViews, info, loadSession, startFault } from "./state/session.ts";
import { theme, toggleTheme } from "./state/theme.ts";
import { Icon, type IconName } from "./ui/icons.tsx";
import { ToastCorner } from "./ui/toast.tsx";
import { VisualizeList } from "./visualize/visualize-list.tsx";
import { VisualizePage } from "./visualize/visualize-page.tsx";

const PAGES: readonly (readonly [string, string, IconName])[] = [
  ["discover", "Discover", "discover"],
  ["dashboards", "Dashboards", "dashboard"],
  ["visualize", "Visualize", "visualize"],
  ["rules", "Rules", "rules"],
  ["alerts", "Alerts", "alerts"],
  ["pipeline", "Pipeline", "pipeline"],
  ["management", "Management", "management"],
];

/** The whole page: navigation at the side, what the URL names beside it. */
export function App(): VNode {
  const { path } = place.value;
  const parts = path.split("/").slice(2).map(decodeURIComponent);
  const section = parts[0] ?? "discover";
  const title = PAGES.find(([name]) => name === section)?.[1] ?? "Discover";
  useEffect(() => {
    document.title = `${title} – Falco console`;
  }, [title]);
  if (path === "/login") return <Login />;
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <nav class="side" aria-label="Pages">
        <a class="brand" href="/app/discover" aria-label="Falco console">
          <Mark /> <span>Falco console</span>
        </a>
        <ul>
          {PAGES.map(([name, label, icon]) => (
            <li key={name}>
              <a href={`/app/${name}`} {...(name === section ? { "aria-current": "page" as const } : {})}>
                <Icon name={icon} />
                <span>{label}</span>
              </a>
            </li>
          ))}
        </ul>
        <div class="side-end">
          <button
            type="button"
            class="button ghost"
            aria-label={theme.value === "dark" ? "Light theme" : "Dark theme"}
            onClick={toggleTheme}
          >
            <Icon name={theme.value === "dark" ? "sun" : "moon"} />{" "}
            <span>{theme.value === "dark" ? "Light" : "Dark"}</span>
          </button>
          {info.value?.login === true && (
            <button
              type="button"
              class="button ghost"
              onClick={() => void call("POST", "/api/console/logout", {}).then(() => go("/login"))}
            >
              <span>Log out</span>
            </button>
          )}
        </div>
      </nav>
      <main id="main" tabIndex={-1}>
        {dataViews.value !== null && <ReplayMark />}
        {startFault.value === null ? (
          dataViews.value === null ? null : (
            <Page section={section} rest={parts.slice(1)} />
          )
        ) : (
          <section class="blank">
            <h1>The console's server doesn't answer</h1>
            <p class="fault">{startFault.value}</p>
            <button type="button" class="button primary" onClick={() => void loadSession()}>
              Try again
            </button>
          </section>
        )}
      </main>
      <ToastCorner />
    </div>
  );
}

function Page({ section, rest }: { readonly section: string; readonly rest: readonly string[] }): VNode {
  const [first, second] = rest;
  switch (section) {
    case "dashboards":
      return first === undefined ? <DashboardList /> : <DashboardPage key={first} id={first} />;
    case "visualize":
      return first === undefined ? (
        <VisualizeList />
      ) : (
        <VisualizePage key={`${first}/${second}`} type={first} id={second ?? null} />
      );
    case "rules":
      return <RulesPage />;
    case "alerts":
      return <AlertsPage />;
    case "pipeline":
      return <PipelinePage />;
    case "management":
      return first === "new-data-view" ? <NewDataView /> : <Management />;
    default:
      return <Discover />;
  }
}

function Mark(): VNode {
  return (
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <path d="M8 21c5 1 7-1 9-5l-6-1c4-5 9-6 14-6-1 2-1 3-3 4 2 0 2 1 1 2-2 5-7 10-15 6Z" fill="#fff" />
    </svg>
  );
}
