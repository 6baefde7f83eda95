import type { FieldAccess, FieldError, FieldResolver } from "@falco-efk/event";

/** A resolver that asks another one once for each field and argument, and knows which texts name a field. */
export interface CachedResolver<E> extends FieldResolver<E> {
  /** True when a text such as `proc.aname[2]` names a field; unlike `resolve` it looks for no suggestion. */
  isField(text: string): boolean;
}

/** Wraps a resolver for the length of a load. */
export function cachedResolver<E>(resolver: FieldResolver<E>): CachedResolver<E> {
  const known = new Map<string, FieldAccess<E> | FieldError>();
  const names = new Set(resolver.definitions.map((definition) => definition.name));
  const resolve = (name: string, argument: string | null): FieldAccess<E> | FieldError => {
    const key = argument === null ? name : `${name}[${argument}`;
    let result = known.get(key);
    if (result === undefined) {
      result = resolver.resolve(name, argument);
      known.set(key, result);
    }
    return result;
  };
  return {
    definitions: resolver.definitions,
    resolve,
    isField: (text) => {
      const [, name = "", argument] = /^([^[]+)(?:\[(.*)\])?$/.exec(text) ?? [];
      return names.has(name) && !("code" in resolve(name, argument ?? null));
    },
  };
}
