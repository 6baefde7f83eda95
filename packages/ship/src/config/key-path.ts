/** Where something stands in a configuration. */
export type KeyPath = readonly (string | number)[];

/** `output.elasticsearch.hosts[0]` as `["output", "elasticsearch", "hosts", 0]`. */
export function parseKey(key: string): KeyPath {
  return [...key.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, at, name]) =>
    at === undefined ? (name ?? "") : Number(at),
  );
}
