import { fieldsOf, type Rule } from "@falco-efk/rules";

/** What a container's runtime alone knows; id and type are told by the control group. */
const BY_RUNTIME = /^(?:container\.(?!(?:id|full_id|type)$)|k8s\.)/;

/**
 * The event types that some condition judges by what a container's runtime tells. A verdict on unknown values would be a
 * guess, either way: such an event waits for the runtime's answer.
 */
export function typesJudgedByContainer<E>(rules: readonly Rule<E>[]): Set<number> {
  const types = new Set<number>();
  for (const { condition, eventTypes } of rules) {
    const asks = [...fieldsOf(condition).values()].some(({ name }) => BY_RUNTIME.test(name));
    if (asks) for (const type of eventTypes) types.add(type);
  }
  return types;
}
