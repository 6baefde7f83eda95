import { globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { measureShipper, type ShipRun } from "./throughput.ts";

/** A shipper of somebody else's that is on this machine. */
export interface Peer {
  readonly name: "rsyslog" | "syslog-ng";
  readonly program: string;
  /** Folder of its plug-ins. */
  readonly modules: string;
  /** Folders of libraries that came with it. */
  readonly libraries: readonly string[];
  /** Folder of data files, such as syslog-ng's own configuration snippets. */
  readonly root: string;
}

const PROGRAMS = { rsyslog: ["rsyslogd", "rsyslog"], "syslog-ng": ["syslog-ng", "syslog-ng/*"] } as const;

/** Looks for the peers under `root`: `/`, or a folder with unpacked packages. */
export function findPeers(root = "/"): { readonly found: readonly Peer[]; readonly missing: readonly string[] } {
  const found: Peer[] = [];
  const missing: string[] = [];
  for (const [name, [program, modules]] of Object.entries(PROGRAMS)) {
    const [binary] = globSync([join(root, "usr/sbin", program)]);
    const libraries = globSync([
      join(root, "usr/lib/*-linux-gnu"),
      join(root, "lib/*-linux-gnu"),
      join(root, "usr/lib/syslog-ng"),
    ]);
    const needed = name === "rsyslog" ? "omelasticsearch.so" : "libhttp.so";
    const [plugin] = globSync([
      join(root, "usr/lib/*-linux-gnu", modules, needed),
      join(root, "usr/lib", modules, needed),
    ]);
    if (binary === undefined || plugin === undefined) missing.push(name);
    else found.push({ name: name as Peer["name"], program: binary, modules: join(plugin, ".."), libraries, root });
  }
  return { found, missing };
}

/** Ships a file with a peer: parsed JSON, an index by the event's day, an id for each line. */
export function shipWithPeer(peer: Peer, file: string, lines: number): Promise<ShipRun> {
  return measureShipper(peer.name, lines, (sink, folder) => {
    const config = join(folder, "peer.conf");
    const env = { LD_LIBRARY_PATH: peer.libraries.join(":") };
    if (peer.name === "rsyslog") {
      writeFileSync(config, rsyslogConfig(file, folder, Number(sink.port)));
      return { program: peer.program, args: ["-n", "-f", config, "-i", join(folder, "pid"), "-M", peer.modules], env };
    }
    writeFileSync(config, syslogNgConfig(file, sink.origin));
    const state = ["persist-file", "pidfile", "control"].map((name) => `--${name}=${join(folder, name)}`);
    const args = ["-F", "--no-caps", `--cfgfile=${config}`, `--module-path=${peer.modules}`, ...state];
    return { program: peer.program, args, env };
  });
}

function rsyslogConfig(file: string, folder: string, port: number): string {
  return `global(workDirectory="${folder}" maxMessageSize="64k")
module(load="imfile")
module(load="mmjsonparse")
module(load="omelasticsearch")
main_queue(queue.size="100000" queue.dequeueBatchSize="5000")
template(name="index" type="list") {
  constant(value="logstash-")
  property(name="$!time" position.from="1" position.to="4") constant(value=".")
  property(name="$!time" position.from="6" position.to="7") constant(value=".")
  property(name="$!time" position.from="9" position.to="10")
}
template(name="id" type="list") { property(name="$!metadata!fileoffset") }
template(name="document" type="subtree" subtree="$!")
input(type="imfile" file="${file}" tag="falco" addMetadata="on")
action(type="mmjsonparse" cookie="")
set $!@timestamp = $!time;
action(type="omelasticsearch" server="127.0.0.1" serverport="${port}" bulkmode="on" maxbytes="10m" template="document"
  searchIndex="index" dynSearchIndex="on" bulkid="id" dynbulkid="on" writeoperation="create" searchType="")
`;
}

function syslogNgConfig(file: string, origin: string): string {
  return `@version: 3.38
options { log-msg-size(65536); };
source s { file("${file}" flags(no-parse) follow-freq(0.1) read-old-records(yes) log-fetch-limit(5000)); };
parser j { json-parser(prefix(".f.") template("$MSG")); };
parser t { date-parser(format("%FT%T.%f%z") template("\${.f.time}")); };
destination d { http(url("${origin}/_bulk") method("POST") headers("Content-Type: application/x-ndjson") batch-lines(5000)
  batch-bytes(4Mb) batch-timeout(500) body-suffix("\\n") workers(2)
  body('{"create":{"_index":"logstash-$S_YEAR.$S_MONTH.$S_DAY","_id":"\${.f.output_fields.evt.num}"}}
$(format-json --scope none --key .f.* --shift-levels 2 @timestamp="\${.f.time}")')); };
log { source(s); parser(j); parser(t); destination(d); flags(flow-control); };
`;
}
