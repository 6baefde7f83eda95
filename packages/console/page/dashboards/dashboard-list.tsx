import type { VNode } from "preact";
import { errorText } from "../state/http.ts";
import { findObjects, titleOf } from "../state/objects.ts";
import { Icon } from "../ui/icons.tsx";
import { useLoaded } from "../ui/use-ticking.ts";

/** All dashboards. */
export function DashboardList(): VNode {
  const { value, fault } = useLoaded("dashboards", () => findObjects(["dashboard"]));
  return (
    <div class="page">
      <header class="page-head">
        <h1>Dashboards</h1>
        <a class="button primary" href="/app/dashboards/new">
          <Icon name="plus" /> Create
        </a>
      </header>
      {fault !== null && <p class="fault banner">{errorText(fault)}</p>}
      <ul class="cards">
        {(value ?? []).map((object) => (
          <li key={object.id}>
            <a href={`/app/dashboards/${encodeURIComponent(object.id)}`}>
              <Icon name="dashboard" />
              <b>{titleOf(object)}</b>
              <small>{String(object.attributes.description ?? "")}</small>
            </a>
          </li>
        ))}
      </ul>
      {value?.length === 0 && (
        <p class="empty big">No dashboard yet. falco-bootstrap installs “Falco overview”, or create your own.</p>
      )}
    </div>
  );
}
