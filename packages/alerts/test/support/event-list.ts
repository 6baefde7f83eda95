import type { Query } from "@falco-efk/elastic";
import type { EventSearch, GroupCount, RuleCount, Span } from "../../src/watch/event-search.ts";

export interface ListedEvent {
  /** Event time, milliseconds. */
  readonly at: number;
  readonly rule?: string;
  readonly host?: string;
}

/** A search over a list in memory that counts as Elasticsearch would. `failure` makes every search fail. */
export class EventList implements EventSearch {
  readonly events: ListedEvent[] = [];
  failure: string | null = null;
  searches = 0;

  private inside({ from, to }: Span): ListedEvent[] {
    this.searches += 1;
    if (this.failure !== null) throw new Error(this.failure);
    return this.events.filter(({ at }) => at > from && at <= to);
  }

  async count(_query: Query, span: Span): Promise<GroupCount> {
    const events = this.inside(span);
    return { group: "", count: events.length, topRules: top(events) };
  }

  async groupsAbove(_query: Query, span: Span, _field: string, above: number): Promise<GroupCount[]> {
    const groups = Map.groupBy(this.inside(span), ({ host }) => host ?? "");
    return [...groups]
      .filter(([, events]) => events.length > above)
      .map(([group, events]) => ({ group, count: events.length, topRules: top(events) }));
  }

  async seenRules(_query: Query, span: Span) {
    const rules = Map.groupBy(this.inside(span), ({ rule }) => rule ?? "");
    return [...rules].map(([rule, events]) => {
      const times = events.map(({ at }) => at);
      return { rule, count: events.length, first: Math.min(...times), last: Math.max(...times) };
    });
  }

  async close(): Promise<void> {}
}

function top(events: readonly ListedEvent[]): RuleCount[] {
  const rules = Map.groupBy(events, ({ rule }) => rule ?? "A rule");
  return [...rules].map(([rule, list]) => ({ rule, count: list.length })).sort((a, b) => b.count - a.count);
}
