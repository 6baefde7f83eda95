import type { InputConfig, ShipConfig } from "../config/config.ts";
import { compileProcessors, processBatch } from "./chain.ts";
import { FalcoEnricher } from "./falco.ts";
import { originStep } from "./origin.ts";
import type { BatchStep } from "./processing-intake.ts";

/** What is done to an input's batches: its fields and tags, its processors, those of the whole, and the Falco enrichment. */
export function stepsFor(config: ShipConfig, input: InputConfig): readonly BatchStep[] {
  const { fields, fields_under_root: underRoot, tags } = input;
  const list = [
    ...(fields === undefined ? [] : [{ add_fields: { target: underRoot ? "" : "fields", fields } }]),
    ...(tags.length === 0 ? [] : [{ add_tags: { tags } }]),
    ...input.processors,
    ...config.processors,
  ];
  const steps: BatchStep[] = [];
  const { falco } = config;
  if (falco !== undefined && (falco.ecs || falco.mitre || falco.severity)) {
    const enricher = new FalcoEnricher(falco);
    steps.push((batch) => enricher.enrich(batch));
  }
  if (list.length > 0) {
    const process = compileProcessors(list);
    steps.push((batch) => ({ batch: processBatch(batch, process) }));
  }
  if (config.origin) steps.push(originStep());
  return steps;
}
