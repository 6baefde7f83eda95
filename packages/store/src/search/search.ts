import type { Aggregator } from "../aggs/aggregator.ts";
import { BucketBudget } from "../aggs/aggregator.ts";
import { compileAggregations } from "../aggs/compile.ts";
import { ElasticError, shardFailure } from "../errors.ts";
import type { Catalog } from "../indices/catalog.ts";
import { type ResolveOptions, resolveIndices } from "../indices/resolve-indices.ts";
import type { StoredIndex } from "../indices/stored-index.ts";
import { IndexMapping } from "../mapping/index-mapping.ts";
import { makePause } from "../pause.ts";
import { compileQuery } from "../query/compile.ts";
import type { Matcher, QueryContext } from "../query/context.ts";
import { andMasks, countMask, type Mask, maskDocuments } from "../query/mask.ts";
import { SegmentView } from "../query/segment-view.ts";
import { SearchTimeoutError, underDeadline } from "../query/time-limit.ts";
import type { Segment } from "../segments/segment.ts";
import { stringifyExact } from "./exact-json.ts";
import { hitFields } from "./hit-fields.ts";
import { type ParsedSearch, parseSearch } from "./search-request.ts";
import { makeSegmentKey, type SegmentKey } from "./segment-key.ts";
import { type Candidate, printKey, sortField } from "./sort.ts";
import { TopHits } from "./top-hits.ts";

/** How a search may run. */
export interface SearchOptions extends ResolveOptions {
  /** Milliseconds after which a search gives what it has, with `timed_out`. */
  readonly limitMs: number;
  readonly totalAsInteger?: boolean;
  /** Whether segments keep their part of the answer for the next time, and answer with what they kept. True if absent. */
  readonly keepParts?: boolean;
}

interface Target {
  readonly context: QueryContext;
  readonly matcher: Matcher;
  readonly postFilter: Matcher;
  readonly views: readonly SegmentView[];
  /** Under which name a segment keeps its part of the answer; null when nothing is to be kept. */
  readonly key: SegmentKey | null;
}

/** What one segment adds to an answer, hits left out. */
interface SegmentPart {
  readonly total: number;
  readonly aggregators: ReadonlyMap<string, Aggregator>;
}

/** Runs a search over the indices of an expression and gives the answer's JSON. */
export async function search(
  catalog: Catalog,
  expression: string,
  body: Record<string, unknown>,
  options: SearchOptions,
): Promise<string> {
  const started = performance.now();
  const request = parseSearch(body);
  const indices = resolveIndices(catalog, expression, options);
  const now = catalog.options.now();
  const budget = new BucketBudget();
  const aggregators = compileAggregations(request.aggregations, budget, now);
  const held: Segment[] = [];
  try {
    const targets = asShardFailure(indices, () =>
      prepare(indices, request, now, held, aggregators, options.keepParts !== false),
    );
    const run = new SearchRun(request, aggregators, started + Math.min(request.timeoutMs ?? Infinity, options.limitMs));
    await run.all(targets, indices);
    const hits = run.printHits(targets);
    const aggregations = asShardFailure(indices, () => printAggregations(aggregators));
    const shards = `{"total":${indices.length},"successful":${indices.length},"skipped":0,"failed":0}`;
    const total = run.total(options.totalAsInteger === true);
    const scored = request.sort.length === 0 && run.hits.length > 0 && request.size > 0;
    return (
      `{"took":${Math.round(performance.now() - started)},"timed_out":${run.timedOut},"_shards":${shards},` +
      `"hits":{${total}"max_score":${scored ? "1.0" : "null"},"hits":[${hits.join(",")}]}` +
      `${aggregations === null ? "" : `,"aggregations":${aggregations}`}}`
    );
  } finally {
    for (const segment of held) {
      segment.release();
    }
  }
}

/** Counts the documents that match a query. */
export async function count(
  catalog: Catalog,
  expression: string,
  body: Record<string, unknown>,
  options: SearchOptions,
): Promise<{ count: number; shards: number }> {
  const answer = await search(catalog, expression, { ...body, size: 0, track_total_hits: true }, options);
  const parsed = JSON.parse(answer) as { hits: { total: { value: number } }; _shards: { total: number } };
  return { count: parsed.hits.total.value, shards: parsed._shards.total };
}

function prepare(
  indices: readonly StoredIndex[],
  request: ParsedSearch,
  now: number,
  held: Segment[],
  aggregators: ReadonlyMap<string, Aggregator>,
  keep: boolean,
): Target[] {
  if (indices.length === 0) {
    // The query is still checked, so that a mistake is not hidden by a pattern that fits nothing yet.
    const context = { indexName: "", mapping: new IndexMapping({}), now };
    compileQuery(context, request.query);
    compileQuery(context, request.postFilter);
    return [];
  }
  return indices.map((index) => {
    const context: QueryContext = { indexName: index.name, mapping: index.mapping, now };
    for (const aggregator of aggregators.values()) {
      aggregator.check(context);
    }
    const views = index.segments
      .filter((segment) => segment.documents > segment.deletedCount)
      .map((segment) => {
        segment.retain();
        held.push(segment);
        return new SegmentView(segment);
      });
    return {
      context,
      matcher: compileQuery(context, request.query),
      postFilter: compileQuery(context, request.postFilter),
      views,
      key: keep ? makeSegmentKey(context, request) : null,
    };
  });
}

/** Characters that the hits of one answer may have. */
const MOST_CHARACTERS = 128 << 20;

/** One running search: totals, hits and aggregations over the segments. */
class SearchRun {
  timedOut = false;
  readonly #request: ParsedSearch;
  readonly #aggregators: ReadonlyMap<string, Aggregator>;
  readonly #deadline: number;
  readonly #top: TopHits;
  #total = 0;

  constructor(request: ParsedSearch, aggregators: ReadonlyMap<string, Aggregator>, deadline: number) {
    this.#request = request;
    this.#aggregators = aggregators;
    this.#deadline = deadline;
    this.#top = new TopHits(request.sort, request.from + request.size, request.after, Date.now());
  }

  get hits(): readonly Candidate[] {
    return this.#top.hits.slice(this.#request.from);
  }

  async all(targets: readonly Target[], indices: readonly StoredIndex[]): Promise<void> {
    const pause = makePause();
    const work = targets.flatMap((target) => target.views.map((view) => ({ target, view })));
    const ordered = work.map((item, place) => ({ ...item, place }));
    // With a descending sort the newest segments decide; the others are then passed over.
    if (this.#request.sort[0] && !this.#request.sort[0].ascending) {
      ordered.reverse();
    }
    for (const { target } of ordered) {
      asShardFailure(indices, () => {
        for (const key of this.#request.sort) {
          sortField(target.context, key);
        }
      });
    }
    for (const { target, view, place } of ordered) {
      if (performance.now() > this.#deadline) {
        this.timedOut = true;
        return;
      }
      if (this.#isDone() && this.#top.isHopeless(view, target.context)) {
        continue;
      }
      try {
        asShardFailure(indices, () => underDeadline(this.#deadline, () => this.#segment(target, view, place)));
      } catch (error) {
        if (!(error instanceof SearchTimeoutError)) {
          throw error;
        }
        this.timedOut = true;
        return;
      }
      await pause();
    }
  }

  /** Whether counts and aggregations need nothing more. */
  #isDone(): boolean {
    return this.#aggregators.size === 0 && this.#total > this.#request.trackTotal;
  }

  #segment(target: Target, view: SegmentView, place: number): void {
    const { context } = target;
    const { segment } = view;
    const key = segment.remember && this.#top.isHopeless(view, context) ? (target.key?.(view) ?? null) : null;
    if (key !== null && segment.remember) {
      const part = segment.remember(key, () => this.#part(target, view));
      this.#total += part.total;
      for (const [name, aggregator] of this.#aggregators) {
        aggregator.absorb(part.aggregators.get(name) as Aggregator, () => 0);
      }
      return;
    }
    const mask = andMasks(target.matcher(view), view.alive());
    if (mask === false) {
      return;
    }
    let documents: Uint32Array | null = null;
    for (const aggregator of this.#aggregators.values()) {
      documents ??= maskDocuments(mask, view.documents);
      aggregator.collect({ view, context, documents, parents: null, parent: 0, whole: mask === true });
    }
    const filtered: Mask = this.#request.postFilter === undefined ? mask : andMasks(mask, target.postFilter(view));
    this.#total += countMask(filtered, view.documents);
    if (!this.#top.isHopeless(view, context)) {
      const same = filtered === mask && this.#request.postFilter === undefined ? documents : null;
      this.#top.collect(view, context, place, same ?? maskDocuments(filtered, view.documents));
    }
  }

  /** A segment's part of the answer, worked out by itself. */
  #part(target: Target, view: SegmentView): { value: SegmentPart; bytes: number } {
    const { context } = target;
    const aggregators = compileAggregations(this.#request.aggregations, new BucketBudget(), context.now);
    const mask = andMasks(target.matcher(view), view.alive());
    let total = 0;
    if (mask !== false) {
      const documents = aggregators.size > 0 ? maskDocuments(mask, view.documents) : null;
      for (const aggregator of documents ? aggregators.values() : []) {
        const part = { parents: null, parent: 0, whole: mask === true };
        aggregator.collect({ view, context, documents: documents as Uint32Array, ...part });
      }
      const postFilter = this.#request.postFilter === undefined ? true : target.postFilter(view);
      total = countMask(andMasks(postFilter, mask), view.documents);
    }
    const bytes = [...aggregators.values()].reduce((sum, one) => sum + one.bytes, 500);
    return { value: { total, aggregators }, bytes };
  }

  total(asInteger: boolean): string {
    const limit = this.#request.trackTotal;
    if (limit === 0) {
      return "";
    }
    const value = Math.min(this.#total, limit);
    return asInteger
      ? `"total":${value},`
      : `"total":{"value":${value},"relation":"${this.#total > limit ? "gte" : "eq"}"},`;
  }

  printHits(targets: readonly Target[]): string[] {
    const fields = new Map(
      targets.map(({ context }) => [context, this.#request.sort.map((key) => sortField(context, key))] as const),
    );
    let length = 0;
    return this.hits.map((hit) => {
      const text = this.#printHit(hit, fields.get(hit.context) ?? []);
      length += text.length;
      if (length > MOST_CHARACTERS) {
        throw new ElasticError(
          429,
          "circuit_breaking_exception",
          `[request] Data too large: the hits have more than [${MOST_CHARACTERS}] characters; ask for fewer, or for less of [_source]`,
          { bytes_wanted: length, bytes_limit: MOST_CHARACTERS, durability: "TRANSIENT" },
        );
      }
      return text;
    });
  }

  #printHit(hit: Candidate, sortFields: readonly ReturnType<typeof sortField>[]): string {
    const { version, seqNo, sort, source, fields } = this.#request;
    const stored = hit.view.segment.read(hit.document);
    const text = stored.source.toString();
    const kept = source(text);
    const scored = sort.length === 0 || sort.some((key) => key.path === "_score");
    const parts = [`"_index":${JSON.stringify(hit.context.indexName)}`, `"_id":${JSON.stringify(stored.id)}`];
    if (version) {
      parts.push(`"_version":${stored.version}`);
    }
    if (seqNo) {
      parts.push(`"_seq_no":${stored.seqNo}`, `"_primary_term":1`);
    }
    parts.push(`"_score":${scored ? "1.0" : "null"}`);
    if (kept !== null) {
      parts.push(`"_source":${kept}`);
    }
    if (fields.length > 0) {
      parts.push(`"fields":${stringifyExact(hitFields(hit.context, text, fields))}`);
    }
    if (sort.length > 0) {
      const values = sort.map((key, i) =>
        key.path === "_score"
          ? 1
          : key.path === "_doc"
            ? hit.document
            : printKey(key, sortFields[i] ?? null, hit.keys[i] ?? null),
      );
      parts.push(`"sort":${stringifyExact(values)}`);
    }
    return `{${parts.join(",")}}`;
  }
}

function printAggregations(aggregators: ReadonlyMap<string, Aggregator>): string | null {
  if (aggregators.size === 0) {
    return null;
  }
  return stringifyExact(Object.fromEntries([...aggregators].map(([name, one]) => [name, one.result(0)])));
}

const SHARD_ERRORS = new Set([
  "query_shard_exception",
  "parse_exception",
  "illegal_argument_exception",
  "aggregation_execution_exception",
]);

/** What a shard refuses is answered as a failure of the search, with the shard's error as its cause. */
function asShardFailure<T>(indices: readonly StoredIndex[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ElasticError) || !SHARD_ERRORS.has(error.type)) {
      throw error;
    }
    throw shardFailure(error, indices[0]?.name);
  }
}
