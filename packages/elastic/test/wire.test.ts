import assert from "node:assert/strict";
import test from "node:test";
import {
  bulkItem,
  bulkOutcome,
  decodeNdjson,
  describeCause,
  encodeBulkAction,
  encodeNdjson,
  isErrorResponse,
  ndjsonLines,
} from "@falco-efk/elastic";
import fc from "fast-check";

test("lines are given as the bytes that were sent, with or without a last newline", () => {
  const body = Buffer.from('{"a":1}\r\n\n{"ü":"é"}');
  const lines = [...ndjsonLines(body)].map(({ start, end }) => body.toString("utf8", start, end));
  assert.deepEqual(lines, ['{"a":1}', "", '{"ü":"é"}']);
});

test("any JSON values survive encoding and decoding", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), (values) => {
      const text = JSON.stringify(values);
      assert.equal(JSON.stringify(decodeNdjson(encodeNdjson(values))), text);
    }),
  );
});

test("a line that is not JSON is named by its number", () => {
  assert.throws(() => decodeNdjson('{"a":1}\n{"a":\n'), /^SyntaxError: line 2: /);
});

test("a 409 of create is delivered, a 409 of index is not", () => {
  assert.equal(bulkOutcome("create", 409), "delivered");
  assert.equal(bulkOutcome("index", 409), "rejected");
  assert.equal(bulkOutcome("create", 201), "delivered");
  assert.equal(bulkOutcome("create", 429), "retry");
  assert.equal(bulkOutcome("create", 503), "retry");
  assert.equal(bulkOutcome("create", 400), "rejected");
});

test("the operation of an item is found, and an empty item is refused", () => {
  const result = { _index: "i", _id: "1", status: 201 };
  assert.deepEqual(bulkItem({ create: result }), { operation: "create", result });
  assert.throws(() => bulkItem({}), TypeError);
});

test("an action line is one JSON object and a newline", () => {
  assert.equal(encodeBulkAction("create", { _index: "i", _id: "1" }), '{"create":{"_index":"i","_id":"1"}}\n');
});

test("an error is described with its causes", () => {
  const body = { error: { type: "a", reason: "b", caused_by: { type: "c" } }, status: 400 };
  assert.ok(isErrorResponse(body));
  assert.equal(describeCause(body.error), "a: b, caused by c");
  assert.ok(!isErrorResponse({ hits: {} }));
});
