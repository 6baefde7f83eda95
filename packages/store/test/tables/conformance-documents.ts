/** One request of the conformance table. What a real Elasticsearch answers to it is in `conformance-answers.json`. */
export interface ConformanceCase {
  readonly name: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body: unknown;
  /** Why the store answers otherwise than a real Elasticsearch; nothing of the suite sends such a request. */
  readonly differs?: string;
}

/** The mapping under which the documents of the table are indexed. */
export const CONFORMANCE_INDEX: { readonly mappings: object } = {
  mappings: {
    properties: {
      "@timestamp": { type: "date_nanos" },
      time: { type: "date" },
      client: { type: "ip" },
      ratio: { type: "double" },
      count: { type: "long" },
      ok: { type: "boolean" },
      code: { type: "keyword" },
      output_fields: { type: "object", subobjects: false },
    },
  },
};

const RULES = [
  "Write below etc",
  "Terminal shell in container",
  "Read sensitive file untrusted",
  "Clear Log Activities",
];
/** Their priorities, in turn. */
export const PRIORITIES: readonly string[] = ["Warning", "Notice", "Warning", "Critical"];
const PROGRAMS = ["bash", "cat", "nginx", "python3", "sshd"];

/** The documents of the table: 40 events, 90 minutes apart, the last ones with fields left out. */
export const CONFORMANCE_DOCUMENTS: readonly { readonly id: string; readonly source: string }[] = Array.from(
  { length: 40 },
  (_, n) => {
    const at = new Date(Date.UTC(2026, 2, 28, 0, 0, 0) + n * 5_400_000).toISOString().slice(0, -1);
    const fields = [
      `"@timestamp":"${at}${String(n * 1021).padStart(6, "0")}Z"`,
      `"time":"${at}Z"`,
      `"rule":"${RULES[n % 4]}"`,
      `"priority":"${PRIORITIES[n % 4]}"`,
      `"output":"${at} ${PRIORITIES[n % 4]} ${RULES[n % 4]} | file=/etc/app${n % 7}/conf.d/key-${n}.pem user=user${n % 3} command=${PROGRAMS[n % 5]} -v /etc/app${n % 7}"`,
      `"tags":["host","t${n % 3}",${n % 2 === 0 ? '"container"' : '"process"'}]`,
      `"count":${n < 35 ? n * 10 : `90071992547409${n}`}`,
      `"output_fields":{"evt.time":17953915431168549${String(n).padStart(2, "0")},"proc.name":"${PROGRAMS[n % 5]}","proc.pid":${1000 + n},"fd.sip":"10.0.${n % 4}.1","fd.sip.name":"host${n % 4}","container.name":${n % 5 === 0 ? "null" : `"c${n % 5}"`}}`,
    ];
    if (n < 38) {
      fields.push(
        `"client":"10.0.${n % 4}.${n}"`,
        `"ratio":${n / 8}`,
        `"ok":${n % 3 === 0}`,
        `"code":"E${String(n % 6)}"`,
      );
    }
    return { id: `d${String(n).padStart(2, "0")}`, source: `{${fields.join(",")}}` };
  },
);

/** A search of the table's index. */
export function searchCase(name: string, body: object): ConformanceCase {
  return { name, method: "POST", path: "/conformance/_search", body };
}
