import type { FieldValue } from "@falco-efk/event";
import fc from "fast-check";
import type {
  BinaryCheckExpr,
  Expr,
  FieldExpr,
  ListExpr,
  OperandExpr,
  TransformerArgument,
  TransformerExpr,
  ValueExpr,
} from "../../src/filter/ast.ts";
import { LIST_OPERATORS, MODIFIERS, NUMERIC_OPERATORS, STRING_OPERATORS, TRANSFORMERS } from "../../src/filter/ast.ts";
import type { TableEvent } from "./table-resolver.ts";

const position = { offset: 0, line: 1, column: 1 };

const identifier = fc
  .stringMatching(/^[a-zA-Z]{1,6}[a-zA-Z0-9_]{0,4}$/)
  // As in any language: a name that begins like a keyword of the place is read as the keyword.
  .filter((name) => !/^(?:and|or|not)/.test(name));
const bareText = fc.stringMatching(/^[^()"' \t\n\v\f\r=,]{1,12}$/);
const quotedText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.constantFrom("\\", 'a"b', "it's", "tail\\", "\n\t"),
);

const value: fc.Arbitrary<ValueExpr> = fc.oneof(
  bareText.map((text): ValueExpr => ({ kind: "value", text, bytes: null, quoted: false, position })),
  quotedText.map((text): ValueExpr => ({ kind: "value", text, bytes: null, quoted: true, position })),
);

const argument = fc.option(fc.oneof(fc.stringMatching(/^[0-9a-z/*]{1,5}$/), quotedText), { nil: null });

const field: fc.Arbitrary<FieldExpr> = fc
  .tuple(fc.array(identifier, { minLength: 2, maxLength: 3 }), argument)
  .map(([names, arg]) => ({ kind: "field", name: names.join("."), argument: arg, position }));

const number: fc.Arbitrary<ValueExpr> = fc
  .oneof(fc.integer().map(String), fc.constantFrom("0x1f", "1.5", "1e+3", "-7"))
  .map((text) => ({ kind: "value", text, bytes: null, quoted: false, position }));

const quotedValue: fc.Arbitrary<ValueExpr> = quotedText.map((text) => ({
  kind: "value",
  text,
  bytes: null,
  quoted: true,
  position,
}));

const { operand } = fc.letrec<{ operand: OperandExpr; transformer: TransformerExpr; item: TransformerArgument }>(
  (tie) => ({
    operand: fc.oneof({ depthSize: "small" }, field, tie("transformer")),
    item: fc.oneof({ depthSize: "small" }, field, number, quotedValue, tie("transformer")),
    transformer: fc
      .tuple(
        fc.constantFrom(...TRANSFORMERS),
        fc.array(
          fc.oneof(
            tie("item"),
            fc.array(tie("item"), { maxLength: 3 }).map((items) => ({ kind: "transformer-list", items, position })),
          ) as fc.Arbitrary<TransformerArgument>,
          { minLength: 1, maxLength: 3 },
        ),
        argument,
      )
      .map(([name, args, arg]) => ({ kind: "transformer", name, args, argument: arg, position })),
  }),
);

const list: fc.Arbitrary<ListExpr> = fc
  .array(value, { maxLength: 5 })
  .map((values) => ({ kind: "list", values, position }));

const valOf: fc.Arbitrary<TransformerExpr> = field.map((one) => ({
  kind: "transformer",
  name: "val",
  args: [one],
  argument: null,
  position,
}));

const check: fc.Arbitrary<Expr> = fc.oneof(
  operand.map((left): Expr => ({ kind: "unary", left, operator: "exists", position })),
  fc.tuple(operand, fc.constantFrom(...NUMERIC_OPERATORS), fc.oneof(number, valOf)).map(
    ([left, operator, right]): BinaryCheckExpr => ({
      kind: "binary",
      left,
      operator,
      modifier: null,
      right,
      position,
    }),
  ),
  fc.tuple(operand, fc.constantFrom(...STRING_OPERATORS), fc.oneof(value, valOf)).map(
    ([left, operator, right]): BinaryCheckExpr => ({
      kind: "binary",
      left,
      operator,
      modifier: null,
      right,
      position,
    }),
  ),
  fc.tuple(operand, fc.constantFrom(...STRING_OPERATORS), fc.constantFrom(...MODIFIERS), list).map(
    ([left, operator, modifier, right]): BinaryCheckExpr => ({
      kind: "binary",
      left,
      operator,
      modifier,
      right,
      position,
    }),
  ),
  fc.tuple(operand, fc.constantFrom(...LIST_OPERATORS), fc.oneof(list, valOf)).map(
    ([left, operator, right]): BinaryCheckExpr => ({
      kind: "binary",
      left,
      operator,
      modifier: null,
      right,
      position,
    }),
  ),
);

/** Trees that the grammar can produce: any fields, operators, literals; not necessarily of fitting types. */
export const anyCondition: fc.Arbitrary<Expr> = fc.letrec<{ expr: Expr }>((tie) => ({
  expr: fc.oneof(
    { depthSize: "small" },
    check,
    identifier.map((name): Expr => ({ kind: "identifier", name, position })),
    tie("expr").map((child): Expr => ({ kind: "not", child, position })),
    fc
      .tuple(fc.constantFrom("and" as const, "or" as const), fc.array(tie("expr"), { minLength: 2, maxLength: 4 }))
      .map(([kind, children]): Expr => ({ kind, children, position })),
  ),
})).expr;

// Few texts, so that comparisons hold often enough to matter.
const words = [
  "cat",
  "bash",
  "Cat",
  "ca",
  "",
  "a b",
  "/etc/shadow",
  "/etc",
  "/home/u/.ssh/id_rsa",
  "shadow",
  "*",
  "Y2F0",
];
const paths = ["/etc/shadow", "/etc", "/etc/pam.d/x", "/home/u/.ssh/id_rsa", "/tmp/a", "/", "rel/path", "/etc/../x"];
const patterns = ["/etc/*", "*shadow", "*et*", "c?t", "[a-c]at", "[!b]*", "/home/*/.ssh/*", "cat", "\\*", "*/*a*"];
const quote = (text: string): string => `"${text.replaceAll("\\", "\\\\").replace(/\\\\$/, "\\x5c")}"`;
const oneText = fc.constantFrom(...words, ...paths).map(quote);
const manyTexts = fc.array(oneText, { maxLength: 5 }).map((texts) => `(${texts.join(", ")})`);
const modifier = fc.constantFrom(...MODIFIERS);

const textOperand = fc.constantFrom(
  "proc.name",
  "fd.name",
  "proc.aname",
  "proc.aname[2]",
  "fd.filename",
  "tolower(proc.name)",
  "toupper(proc.name)",
  "basename(fd.name)",
  "b64(proc.name)",
  "concat(proc.name, fd.name)",
  'join(",", (proc.name, fd.name))',
  "tolower(basename(fd.name))",
);

const textCheck = fc.oneof(
  fc
    .tuple(
      textOperand,
      fc.constantFrom("=", "==", "!=", "contains", "icontains", "startswith", "endswith", "<", "<=", ">", ">="),
      oneText,
    )
    .filter(([, operator]) => !["<", "<=", ">", ">="].includes(operator))
    .map((parts) => parts.join(" ")),
  fc
    .tuple(textOperand, fc.constantFrom("glob", "iglob"), fc.constantFrom(...patterns).map(quote))
    .map((parts) => parts.join(" ")),
  fc
    .tuple(textOperand, fc.constant("regex"), fc.constantFrom('"c.t"', '"/etc/.*"', '"(a|b)+"', '".*"'))
    .map((parts) => parts.join(" ")),
  fc.tuple(textOperand, fc.constantFrom("in", "intersects", "pmatch"), manyTexts).map((parts) => parts.join(" ")),
  fc
    .tuple(
      textOperand,
      fc.constantFrom("=", "!=", "contains", "startswith", "endswith", "icontains"),
      modifier,
      manyTexts,
    )
    .map((parts) => parts.join(" ")),
  fc.tuple(textOperand, fc.constant("exists")).map((parts) => parts.join(" ")),
  fc.constantFrom(
    "proc.name = val(fd.filename)",
    "fd.name contains val(proc.name)",
    "fd.name startswith tolower(proc.name)",
    "proc.name in val(fd.filename)",
  ),
);

const integer = fc.constantFrom(-5, -1, 0, 1, 2, 3, 1000);
const numberCheck = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("evt.rawres", "fd.num", "user.loginuid"),
      fc.constantFrom("=", "!=", "<", "<=", ">", ">="),
      integer,
    )
    .map((parts) => parts.join(" ")),
  fc
    .tuple(
      fc.constantFrom("proc.nthreads", "len(proc.name)", "len(proc.arglist)"),
      fc.constantFrom("=", "<", ">="),
      fc.constantFrom(0, 1, 2, 3),
    )
    .map((parts) => parts.join(" ")),
  fc
    .tuple(
      fc.constantFrom("evt.rawres", "fd.sport"),
      fc.constant("in"),
      fc.constantFrom("(0, 1, 2, 22)", "(1000)", "()"),
    )
    .map((parts) => parts.join(" ")),
);

const otherCheck = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("evt.is_open_read", "evt.is_open_write"),
      fc.constantFrom("=", "!="),
      fc.constantFrom("true", "false"),
    )
    .map((parts) => parts.join(" ")),
  fc
    .tuple(
      fc.constantFrom("fd.ip", "fd.sip"),
      fc.constantFrom("= 10.0.0.1", "!= 10.0.0.1", "in (10.0.0.1, 192.168.1.1, ::1)", "exists"),
    )
    .map((parts) => parts.join(" ")),
  fc
    .tuple(
      fc.constantFrom("fd.net", "fd.snet"),
      fc.constantFrom("= 10.0.0.0/8", "!= 10.0.0.0/8", 'in ("10.0.0.0/8", "fe80::/10")'),
    )
    .map((parts) => parts.join(" ")),
  fc
    .tuple(
      fc.constant("evt.buffer"),
      fc.constantFrom(
        "contains cat",
        "startswith c",
        "endswith t",
        "bcontains 6361",
        "bstartswith 63",
        '= "\\x00\\xff"',
        "in (cat, dog)",
      ),
    )
    .map((parts) => parts.join(" ")),
  fc
    .tuple(fc.constant("proc.arglist"), fc.constantFrom("in (a, b, c)", "intersects (a, z)", "exists"))
    .map((parts) => parts.join(" ")),
  fc.constantFrom(
    "evt.type = open",
    "evt.type in (open, openat, creat)",
    "evt.type != connect",
    "evt.num = 0",
    "evt.num >= 0",
    'getopt(proc.arglist, "a:b")[a] = "x"',
  ),
);

/** Conditions whose types fit, as text, over the fields of the table resolver. */
export const typedCondition: fc.Arbitrary<string> = fc.letrec<{ expr: string }>((tie) => ({
  expr: fc.oneof(
    { depthSize: "small", maxDepth: 4 },
    textCheck,
    textCheck,
    numberCheck,
    otherCheck,
    tie("expr").map((child) => `not (${child})`),
    fc
      .tuple(fc.constantFrom(" and ", " or "), fc.array(tie("expr"), { minLength: 2, maxLength: 4 }))
      .map(([keyword, children]) => `(${children.join(keyword)})`),
  ),
})).expr;

const maybe = (some: fc.Arbitrary<FieldValue>): fc.Arbitrary<FieldValue> =>
  fc.oneof({ weight: 4, arbitrary: some }, { weight: 1, arbitrary: fc.constant(null) });
const someText = maybe(fc.constantFrom(...words, ...paths));
const address = fc.constantFrom(
  Uint8Array.of(10, 0, 0, 1),
  Uint8Array.of(192, 168, 1, 1),
  new Uint8Array(16).fill(1, 15),
);

/** Events with few values, often missing, sometimes several. */
export const tableEvent: fc.Arbitrary<TableEvent> = fc.record({
  "proc.name": someText,
  "fd.name": maybe(fc.constantFrom(...paths)),
  "fd.filename": someText,
  "proc.aname": maybe(fc.array(fc.constantFrom(...words), { maxLength: 3 })),
  "proc.aname[2]": someText,
  "proc.arglist": maybe(fc.array(fc.constantFrom("a", "b", "c", "z", "-a", "x", "-b"), { maxLength: 4 })),
  "proc.nthreads": maybe(fc.constantFrom(0, 1, 2, 3, 9007199254740993n)),
  "evt.rawres": maybe(fc.constantFrom(-5, -1, 0, 1, 3, -9007199254740993n)),
  "fd.num": maybe(fc.constantFrom(-1, 0, 3)),
  "user.loginuid": maybe(fc.constantFrom(-1, 0, 1000)),
  "fd.sport": maybe(fc.constantFrom(22, 443)),
  "evt.is_open_read": maybe(fc.boolean()),
  "evt.is_open_write": maybe(fc.boolean()),
  "fd.ip": maybe(fc.oneof(address, fc.array(address, { maxLength: 2 }))),
  "fd.sip": maybe(address),
  "fd.net": maybe(fc.oneof(address, fc.array(address, { maxLength: 2 }))),
  "fd.snet": maybe(address),
  "evt.buffer": maybe(fc.constantFrom(Uint8Array.of(0x63, 0x61, 0x74), Uint8Array.of(0, 255), new Uint8Array(0))),
  "evt.num": fc.constantFrom(1, 7),
});
