/** What one kind of program may do; the form of a role and of an API key's role descriptor. */
export interface Rights {
  readonly cluster: readonly string[];
  readonly indices: readonly { readonly names: readonly string[]; readonly privileges: readonly string[] }[];
}

const names = ["logstash-*", "falco-events*"];

/** falco-ship: adds documents to the indices of events, makes these indices; reads nothing. */
export const SHIP_RIGHTS: Rights = {
  cluster: ["monitor"],
  indices: [{ names, privileges: ["auto_configure", "create_doc"] }],
};

/** falco-alert and the console: read the events, change nothing. */
export const READ_RIGHTS: Rights = {
  cluster: ["monitor"],
  indices: [{ names, privileges: ["read", "view_index_metadata"] }],
};

export interface Access {
  readonly role: string;
  readonly key: string;
  /** Name of the key's secret in the keystore. */
  readonly secret: string;
  readonly rights: Rights;
}

/** The roles and keys that are made. */
export const ACCESS: readonly Access[] = [
  { role: "falco_ship", key: "falco-ship", secret: "FALCO_SHIP_API_KEY", rights: SHIP_RIGHTS },
  { role: "falco_read", key: "falco-read", secret: "FALCO_READ_API_KEY", rights: READ_RIGHTS },
];

/** Rights with only the parts that we set, in one order. */
export function normalRights(rights: Partial<Rights> | undefined): unknown {
  return {
    cluster: [...(rights?.cluster ?? [])].sort(),
    indices: (rights?.indices ?? []).map((entry) => ({
      names: [...entry.names].sort(),
      privileges: [...entry.privileges].sort(),
    })),
  };
}
