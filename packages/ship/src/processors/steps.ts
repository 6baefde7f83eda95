import type { InputConfig, ShipConfig } from "../config/config.ts";
import { hookProcessor } from "../hooks.ts";
import { compileProcessors, inOrder, processBatch } from "./chain.ts";
import { FalcoEnricher } from "./falco.ts";
import { originStep } from "./origin.ts";
import type { BatchStep } from "./processing-intake.ts";
import { failed, IDLE_CONTEXT, type Processor, type ProcessorContext } from "./processor.ts";

/**
 * What is done to an input's batches: the Falco enrichment, its fields and tags, its processors, those of the whole. The last are
 * made once, so that a limit or a cache of theirs holds for all inputs.
 */
export function createSteps(
  config: ShipConfig,
  context: ProcessorContext,
  transform?: Processor,
): (input: InputConfig) => readonly BatchStep[] {
  const shared = compileProcessors(config.processors, context);
  const hook = transform === undefined ? null : hookProcessor(transform, (reason) => failed(context, "hook", reason));
  return (input) => {
    const { fields, fields_under_root: underRoot, tags } = input;
    const own = [
      ...(fields === undefined ? [] : [{ add_fields: { target: underRoot ? "" : "fields", fields } }]),
      ...(tags.length === 0 ? [] : [{ add_tags: { tags } }]),
      ...input.processors,
    ];
    const steps: BatchStep[] = [];
    const { falco } = config;
    if (falco !== undefined && (falco.ecs || falco.mitre || falco.severity)) {
      const enricher = new FalcoEnricher(falco);
      steps.push((batch) => enricher.enrich(batch));
    }
    if (hook !== null || own.length + config.processors.length > 0) {
      const chain = inOrder([...(hook === null ? [] : [hook]), compileProcessors(own, context), shared]);
      steps.push((batch) => {
        const result = processBatch(batch, chain);
        return result instanceof Promise ? result.then((processed) => ({ batch: processed })) : { batch: result };
      });
    }
    if (config.origin) steps.push(originStep());
    return steps;
  };
}

/** Throws UserError (`PROCESSOR`) with its key for a processor that can't work. Nothing is started. */
export function checkProcessors(config: ShipConfig): void {
  config.inputs.forEach((input, at) => {
    compileProcessors(input.processors, IDLE_CONTEXT, ["inputs", at, "processors"]);
  });
  compileProcessors(config.processors);
}
