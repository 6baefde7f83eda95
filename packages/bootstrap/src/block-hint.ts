/** What lifts a block, by the number that the server gives it, as in `FORBIDDEN/6/cluster read-only (api)`. */
const MENDS: Readonly<Record<string, string>> = {
  "5": 'lift the block: PUT /INDEX/_settings {"index.blocks.read_only":null}',
  "6": 'lift the block: PUT /_cluster/settings {"persistent":{"cluster.blocks.read_only":null}}',
  "8": 'lift the block: PUT /INDEX/_settings {"index.blocks.write":null}',
  "10": 'lift the block: PUT /_cluster/settings {"persistent":{"cluster.blocks.create_index":null}}',
  "12": 'free disk space; if the block stays, lift it: PUT /_all/_settings {"index.blocks.read_only_allow_delete":null}',
  "13": 'lift the block: PUT /_cluster/settings {"persistent":{"cluster.blocks.read_only_allow_delete":null}}',
};

/** How to lift the block that a server's reason names; null when it names none. */
export function blockHint(reason: string): string | null {
  const number = /\b(?:FORBIDDEN|TOO_MANY_REQUESTS)\/(\d+)\//.exec(reason)?.[1];
  return number === undefined ? null : (MENDS[number] ?? "lift the block that it names");
}
