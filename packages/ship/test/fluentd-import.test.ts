import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { UserError } from "@falco-efk/kit";
import fc from "fast-check";
import { convertFluentd, tell } from "../src/config/fluentd/convert.ts";
import { parseFluentd, type Section } from "../src/config/fluentd/parse.ts";
import { readFluentd } from "../src/config/fluentd/read.ts";
import { matchesTag } from "../src/config/fluentd/tags.ts";
import { layoutOfStrptime } from "../src/config/fluentd/time-format.ts";
import { checkConfig } from "../src/config/load.ts";
import { compileProcessors } from "../src/processors/chain.ts";
import { falcoLine } from "./support/falco-lines.ts";
import { runShip, temporaryFolder } from "./support/ship-process.ts";

const none = (): never[] => [];
const parse = (text: string): Section => parseFluentd(text, "fluent.conf", none);

const CLASSIC = `<source>
  @type tail
  path /var/log/falco_events.json
  pos_file /var/log/fluentd/falco.pos
  tag falco
  <parse>
    @type json
  </parse>
</source>
<match falco>
  @type elasticsearch
  host elasticsearch # by its service name
  port 9200
  logstash_format true
  flush_interval 5s
</match>
`;

test("the usual fluent.conf of an EFK stack becomes a ship.yml that loads, and what is lost is told by line", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "fluent.conf");
  const output = join(folder.path, "ship.yml");
  writeFileSync(file, CLASSIC);
  const result = await runShip(["import", file, "-o", output]);
  assert.equal(result.code, 0, result.stderr);
  const lines = result.stderr.trim().split("\n");
  assert.match(lines[0] ?? "", /fluent\.conf:4: pos_file: /);
  assert.match(lines[1] ?? "", /fluent\.conf:15: flush_interval: the file itself is the buffer/);
  assert.match(lines[2] ?? "", /written to .*ship\.yml; 2 not carried over/);
  assert.equal(statSync(output).mode & 0o777, 0o600);
  const checked = await runShip(["-c", output, "test", "config"]);
  assert.equal(checked.code, 0, checked.stderr);
  const text = readFileSync(output, "utf8");
  assert.match(text, /index: logstash-%\{\+yyyy\.MM\.dd\}/);
  assert.match(text, /- http:\/\/elasticsearch:9200/);
  const again = await runShip(["import", file, "-o", output]);
  assert.match(again.stderr, /ship\.yml: is there already/);
  assert.equal(again.code, 1);
});

test("filters, labels, includes and environment variables are carried over, and each source takes its own road", () => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, "conf.d"));
  writeFileSync(
    join(folder.path, "conf.d", "a.conf"),
    `<source>\n  @type tail\n  path /var/log/a.log, /var/log/b.log\n  tag app.a\n  @label @IN\n</source>\n`,
  );
  const file = join(folder.path, "fluent.conf");
  writeFileSync(
    file,
    `@include conf.d/*.conf
<label @IN>
  <filter app.*>
    @type record_transformer
    <record>
      tag \${tag}
      both \${record["rule"]} on \${record["hostname"]}
      copy \${record["output_fields"]["proc.name"]}
      cost 5$
      bad \${Time.now}
    </record>
    remove_keys priority
  </filter>
  <filter **>
    @type grep
    <regexp>
      key rule
      pattern /read/i
    </regexp>
    <exclude>
      key hostname
      pattern ^secret
    </exclude>
  </filter>
  <filter **>
    @type kubernetes_metadata
    kubernetes_url https://api:6443/api
  </filter>
  <match **>
    @type relabel
    @label @OUT
  </match>
</label>
<label @OUT>
  <match **>
    @type elasticsearch
    hosts https://one:9243,two:9200
    user "#{ENV['ES_USER']}"
    password "#{ENV['ES_PASSWORD'] || 'none'}"
    logstash_format true
    logstash_prefix falco
    logstash_dateformat %Y.%m
  </match>
</label>
`,
  );
  const { config, lost } = convertFluentd(readFluentd(file));
  assert.deepEqual(lost.map(tell), [`${file}:10: bad: the placeholder is not known`]);
  const checked = checkConfig(config);
  assert.deepEqual(checked.inputs[0]?.paths, ["/var/log/a.log", "/var/log/b.log"]);
  const output = checked.output.elasticsearch;
  assert.deepEqual(output?.hosts, ["https://one:9243", "http://two:9200"]);
  assert.equal(output?.username, "${ES_USER}");
  assert.equal(output?.password, "${ES_PASSWORD:none}");
  assert.equal(output?.index, "falco-%{+yyyy.MM}");
  const processors = (checked.inputs[0]?.processors ?? []).filter(
    (step) => !Object.hasOwn(step as object, "add_kubernetes_metadata"),
  );
  assert.equal(processors.length, (checked.inputs[0]?.processors.length ?? 0) - 1);
  const run = compileProcessors(processors);
  const origin = { generation: "0".repeat(32), path: "/x" };
  const event = run({ ...JSON.parse(falcoLine(1)), rule: "Read x", hostname: "h" }, origin) as Record<string, unknown>;
  assert.equal(event.tag, "app.a");
  assert.equal(event.both, "Read x on h");
  assert.equal(event.cost, "5$");
  assert.equal(event.copy, (event.output_fields as Record<string, unknown>)["proc.name"]);
  assert.equal(event.priority, undefined);
  assert.equal(run({ rule: "Write x", hostname: "h" }, origin), null);
  assert.equal(run({ rule: "Read x", hostname: "secret-1" }, origin), null);
});

test("of several outputs the first is carried over and the others are named", () => {
  const text = CLASSIC.replace(
    "@type elasticsearch",
    "@type copy\n  <store>\n    @type s3\n  </store>\n  <store>\n    @type elasticsearch\n    host es\n  </store>\n  <store>\n    @type stdout\n  </store>",
  ).replace(
    "  host elasticsearch # by its service name\n  port 9200\n  logstash_format true\n  flush_interval 5s\n",
    "",
  );
  const { config, lost } = convertFluentd(parse(text));
  assert.deepEqual(Object.keys(config.output as object), ["elasticsearch"]);
  assert.deepEqual(
    lost.map(({ line, what }) => `${line} ${what}`),
    ["4 pos_file", "12 <store> @type s3", "19 <store> @type stdout"],
  );
});

test("a configuration without anything to carry over says why", () => {
  const source = "<source>\n  @type forward\n</source>\n<match **>\n  @type stdout\n</match>\n";
  assert.throws(() => convertFluentd(parse(source)), /no source in it has a counterpart/);
  assert.throws(() => convertFluentd(parse(CLASSIC.replace("@type elasticsearch", "@type kafka2"))), /no match/);
});

test("a mistake in the configuration is told with its line and column", () => {
  const cases = [
    ["<source>\n  @type tail\n", 1, 1, /<source> has no end/],
    ["<source>\n  </match>\n", 2, 3, /<\/match> ends <source>, which line 1 begins/],
    ["</match>\n", 1, 1, /that was not begun/],
    ['<match **>\n  host "open\n</match>\n', 2, 3, /the value of host has no end/],
    ["<match\n", 1, 1, /is not the beginning of a section/],
  ] as const;
  for (const [text, line, column, message] of cases) {
    assert.throws(
      () => parse(text),
      (error: UserError) => {
        assert.match(error.message, message);
        assert.deepEqual([error.details.line, error.details.column], [line, column], text);
        return true;
      },
    );
  }
});

test("values are read as Fluentd reads them", () => {
  const [section] = parse(`<match **>
  plain a b # comment
  hash a#b
  single 'it''s' # not closed where it seems
  double "a\\tb\\"c" # comment
  multi "one
two"
  list ["a",
    "b"]
  regexp /a #b/
</match>`).sections;
  assert.deepEqual(Object.fromEntries((section?.parameters ?? []).map(({ key, value }) => [key, value])), {
    plain: "a b",
    hash: "a#b",
    single: "'it''s'",
    double: 'a\tb"c',
    multi: "one\ntwo",
    list: '["a",\n    "b"]',
    regexp: "/a",
  });
});

test("tags and times are matched and written as Fluentd does", () => {
  const cases = [
    ["**", "a.b", true],
    ["a.*", "a.b", true],
    ["a.*", "a.b.c", false],
    ["a.**", "a", true],
    ["a.**", "ab", false],
    ["**.c", "a.b.c", true],
    ["{a,b}.x", "b.x", true],
    ["x y.*", "y.z", true],
    ["", "anything", true],
  ] as const;
  for (const [pattern, tag, expected] of cases) assert.equal(matchesTag(pattern, tag), expected, `${pattern} ${tag}`);
  assert.equal(layoutOfStrptime("%d/%b/%Y:%H:%M:%S.%L %z"), "02/Jan/2006:15:04:05 -0700");
  assert.equal(layoutOfStrptime("%s"), "UNIX");
  assert.equal(layoutOfStrptime("%Q"), null);
});

test("no text makes the parser or the conversion fail otherwise than by a clear error", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "<source>",
      "</source>",
      "<match **>",
      "</match>",
      "<filter {a,b>",
      "</filter>",
      "<parse>",
      "</parse>",
    ),
    fc.constantFrom("@type tail", "@type elasticsearch", "@type copy", "<store>", "</store>", "path /x", "hosts a,b:1"),
    fc.constantFrom(
      'key "',
      "k '",
      "k [1,",
      'k {"a":',
      "<record>",
      "</record>",
      "a ${record[",
      "tag x.*",
      "time_format %",
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      try {
        convertFluentd(parse(pieces.join("\n")));
      } catch (error) {
        assert.ok(error instanceof UserError, String((error as Error).stack));
      }
    }),
    { numRuns: 3000 },
  );
});

test("every parameter and section is found again at its line", () => {
  const name = fc.stringMatching(/^[a-z_]{1,8}$/);
  const value = fc.stringMatching(/^[a-zA-Z0-9/.*:-]{1,12}$/);
  const section: fc.Arbitrary<Plain> = fc.letrec<{ section: Plain }>((tie) => ({
    section: fc.record({
      name,
      argument: fc.option(value, { nil: "" }),
      parameters: fc.array(fc.tuple(name, value), { maxLength: 4 }),
      sections: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie("section"), { maxLength: 3 })),
    }),
  })).section;
  fc.assert(
    fc.property(fc.array(section, { maxLength: 4 }), fc.boolean(), (sections, blanks) => {
      const lines: string[] = [];
      const expected: string[] = [];
      const write = (plain: Plain, indent: string): void => {
        if (blanks) lines.push("", "# a comment");
        lines.push(`${indent}<${plain.name}${plain.argument === "" ? "" : ` ${plain.argument}`}>`);
        expected.push(`${lines.length} ${plain.name} ${plain.argument}`);
        for (const [key, item] of plain.parameters) {
          lines.push(`${indent}  ${key} ${item}`);
          expected.push(`${lines.length} ${key}=${item}`);
        }
        for (const inner of plain.sections) write(inner, `${indent}  `);
        lines.push(`${indent}</${plain.name}>`);
      };
      for (const plain of sections) write(plain, "");
      const found: string[] = [];
      const visit = (parsed: Section): void => {
        found.push(`${parsed.line} ${parsed.name} ${parsed.argument}`);
        for (const { line, key, value: item } of parsed.parameters) found.push(`${line} ${key}=${item}`);
        parsed.sections.forEach(visit);
      };
      for (const parsed of parse(lines.join("\n")).sections) visit(parsed);
      assert.deepEqual(
        found,
        expected.filter((line) => !line.includes(" include=")),
      );
    }),
  );
});

interface Plain {
  readonly name: string;
  readonly argument: string;
  readonly parameters: readonly (readonly [string, string])[];
  readonly sections: readonly Plain[];
}
