import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DEFAULT_MAX_DEPTH, parseCondition } from "../../src/filter/parser.ts";
import { printCondition } from "../../src/filter/print.ts";

function shown(text: string): string {
  const parsed = parseCondition(text);
  return parsed.ok
    ? printCondition(parsed.value)
    : `${parsed.position.line}:${parsed.position.column} ${parsed.message}`;
}

describe("the grammar", () => {
  const cases: readonly (readonly [text: string, printed: string])[] = [
    ["a and b or c", "a and b or c"],
    ["a and (b or c)", "a and (b or c)"],
    ["(a and b) and c", "(a and b) and c"],
    ["not not a", "a"],
    ["not not not a", "not a"],
    ["not (not a)", "not (not a)"],
    ["a and(b)or(c)", "a and b or c"],
    ["fd.name=x", "fd.name = x"],
    ["fd.name in(a,b)", "fd.name in (a, b)"],
    ["fd.name in ( )", "fd.name in ()"],
    ["fd.name in shells", "fd.name in shells"],
    ["fd.name intersects (a)", "fd.name intersects (a)"],
    ["fd.name exists and a", "fd.name exists and a"],
    ["fd.num>=0x1F", "fd.num >= 0x1F"],
    ["fd.num < -1.5e+3", "fd.num < -1.5e+3"],
    ["fd.name startswith oneof (a, b)", "fd.name startswith oneof (a, b)"],
    ["fd.name = anyof shells", "fd.name = anyof shells"],
    ["fd.name contains oneof", "fd.name contains oneof"],
    ["fd.name contains oneof and a", "fd.name contains oneof and a"],
    ["fd.name = val(proc.name)", "fd.name = val(proc.name)"],
    ["tolower(toupper(fd.name)) = x", "tolower(toupper(fd.name)) = x"],
    ["concat( 'a' , fd.name , 1 ) = x", 'concat("a", fd.name, 1) = x'],
    ["join(',', (fd.name, proc.name)) = x", 'join(",", (fd.name, proc.name)) = x'],
    ["getopt(proc.args, 'ab:')[b] = x", 'getopt(proc.args, "ab:")[b] = x'],
    ["proc.aname[2]=x", "proc.aname[2] = x"],
    ["container.mount.dest['/a b']=x", 'container.mount.dest["/a b"] = x'],
    ["fd.name = 'it is'", 'fd.name = "it is"'],
    ['fd.name = "a\\"b"', 'fd.name = "a\\"b"'],
    ["fd.name = 'a\\'b'", 'fd.name = "a\'b"'],
    ['fd.name = "\\b\\f\\n\\r\\t\\\\x\\/"', 'fd.name = "\\b\\f\\n\\r\\t\\\\x/"'],
    ["fd.name = '\\xc3\\xa9'", 'fd.name = "é"'],
    ["fd.name\n  = x\n  and a", "fd.name = x and a"],
    ["fd.name=/a*?[b]", "fd.name = /a*?[b]"],
  ];
  for (const [text, printed] of cases) test(`reads ${JSON.stringify(text)}`, () => assert.equal(shown(text), printed));

  const faults: readonly (readonly [text: string, message: string])[] = [
    ["", "1:1 the condition is empty"],
    ["a b", "1:3 unexpected text before 'b'"],
    ["a andb", "1:6 'and' must be followed by a blank or '('"],
    ["a and", "1:6 'and' must be followed by a blank or '('"],
    ["(a", "1:3 ')' is expected at the end"],
    ["fd.name = ", "1:11 a value is expected at the end"],
    ["fd.name in (a", "1:14 ',' or ')' is expected at the end"],
    ["fd.name in (a,)", "1:15 a value is expected before ')'"],
    ["fd.num > x", "1:10 a number is expected before 'x'"],
    ["fd.name 'x'", "1:9 an operator is expected before ''x''"],
    ["fd.name containsx y", "1:9 an operator is expected"],
    ["fd.name = 'x", "1:11 the string that opens with ' here is not closed"],
    ["fd.name = 'a\\q'", "1:13 '\\q' is not an escape sequence"],
    ["fd.name = '\\xg1'", "1:12 '\\xg1' needs two hexadecimal digits"],
    ["proc.aname[2 = x", "1:13 ']' is expected"],
    ["tolower(fd.name = x", "1:17 ')' is expected"],
    ["a and\n  fd.name", "2:10 an operator is expected at the end"],
  ];
  for (const [text, message] of faults) {
    test(`refuses ${JSON.stringify(text)}`, () => assert.ok(shown(text).startsWith(message), shown(text)));
  }
});

test("nesting is limited as in Falco: each parenthesis costs five rules of the grammar", () => {
  const nested = (count: number): string => `${"(".repeat(count)}a${")".repeat(count)}`;
  assert.equal(DEFAULT_MAX_DEPTH, 100);
  assert.ok(parseCondition(nested(19)).ok);
  assert.ok(!parseCondition(nested(20)).ok);
  assert.ok(parseCondition(nested(20), 200).ok);
});
