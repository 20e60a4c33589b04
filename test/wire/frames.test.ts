import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FleetError, isFleetError } from "../../src/foundation/errors.ts";
import {
  callFrame,
  errorFrame,
  eventFrame,
  FRAME_CODES,
  FrameFault,
  faultFrame,
  notificationFrame,
  parseCall,
  parseIncoming,
  resultFrame,
} from "../../src/wire/frames.ts";

/** Returns the fault that reading `text` as a call throws. */
function fault(text: string): FrameFault {
  try {
    parseCall(text);
  } catch (error) {
    if (error instanceof FrameFault) return error;
    throw error;
  }
  throw new Error("accepted");
}

function invalidAnswer(text: string): boolean {
  try {
    parseIncoming(text);
  } catch (error) {
    return isFleetError(error, "INVALID_ANSWER");
  }
  return false;
}

const REQUEST_ID = "0190b2c0-0000-7000-8000-000000000000";

describe("calls", () => {
  it.each([
    ['{"jsonrpc":"2.0","id":1,"method":"GetNodeInfo"}', { id: 1, method: "GetNodeInfo", params: {} }],
    ['{"jsonrpc":"2.0","id":"a","method":"x","params":{"y":[1]}}', { id: "a", method: "x", params: { y: [1] } }],
    ['{"jsonrpc":"2.0","id":"","method":"x"}', { id: "", method: "x", params: {} }],
    ['{"jsonrpc":"2.0","method":"x"}', { id: undefined, method: "x", params: {} }],
    [' {"extra":1,"method":"x","id":-7,"jsonrpc":"2.0"}\n', { id: -7, method: "x", params: {} }],
  ])("reads %s", (text, call) => {
    expect(parseCall(text)).toEqual(call);
  });

  it.each([
    ["", FRAME_CODES.parseError, null],
    ["{", FRAME_CODES.parseError, null],
    ["'x'", FRAME_CODES.parseError, null],
    ["null", FRAME_CODES.invalidRequest, null],
    ['"x"', FRAME_CODES.invalidRequest, null],
    ["[]", FRAME_CODES.invalidRequest, null],
    ['[{"jsonrpc":"2.0","id":1,"method":"x"}]', FRAME_CODES.invalidRequest, null],
    ['{"id":1,"method":"x"}', FRAME_CODES.invalidRequest, 1],
    ['{"jsonrpc":2.0,"id":1,"method":"x"}', FRAME_CODES.invalidRequest, 1],
    ['{"jsonrpc":"1.0","id":"a","method":"x"}', FRAME_CODES.invalidRequest, "a"],
    ['{"jsonrpc":"2.0","id":1}', FRAME_CODES.invalidRequest, 1],
    ['{"jsonrpc":"2.0","id":1,"method":""}', FRAME_CODES.invalidRequest, 1],
    ['{"jsonrpc":"2.0","id":1,"method":7}', FRAME_CODES.invalidRequest, 1],
    ['{"jsonrpc":"2.0","id":null,"method":"x"}', FRAME_CODES.invalidRequest, null],
    ['{"jsonrpc":"2.0","id":1.5,"method":"x"}', FRAME_CODES.invalidRequest, null],
    ['{"jsonrpc":"2.0","id":1e300,"method":"x"}', FRAME_CODES.invalidRequest, null],
    ['{"jsonrpc":"2.0","id":{},"method":"x"}', FRAME_CODES.invalidRequest, null],
    ['{"jsonrpc":"2.0","id":1,"method":"x","params":[1]}', FRAME_CODES.invalidParams, 1],
    ['{"jsonrpc":"2.0","id":1,"method":"x","params":null}', FRAME_CODES.invalidParams, 1],
    ['{"jsonrpc":"2.0","id":1,"method":"x","params":"y"}', FRAME_CODES.invalidParams, 1],
  ])("refuses %s", (text, code, id) => {
    expect(fault(text)).toMatchObject({ code, id });
  });

  it("reads what it writes", () => {
    const id = fc.oneof(fc.string(), fc.maxSafeInteger());
    const params = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(id, fc.string({ minLength: 1 }), params, (call, method, values) => {
        const sent = JSON.parse(JSON.stringify({ id: call, params: values })) as object;
        expect(parseCall(callFrame(call, method, values))).toEqual({ method, ...sent });
      }),
    );
  });

  it("keeps a member called __proto__ a plain member", () => {
    const { params } = parseCall('{"jsonrpc":"2.0","id":1,"method":"x","params":{"__proto__":{"role":"admin"}}}');
    expect(params["role"]).toBeUndefined();
  });
});

describe("answers", () => {
  it("carries results, null for none", () => {
    expect(parseIncoming(resultFrame(7, { name: "studio" }))).toEqual({ kind: "result", id: 7, result: { name: "studio" } });
    expect(parseIncoming(resultFrame("a", undefined))).toEqual({ kind: "result", id: "a", result: null });
  });

  it("carries the code and details of our own errors in data", () => {
    const error = new FleetError("CLOCK_SKEW", "too far ahead", { serverTime: 17, earliest: 16 });
    expect(parseIncoming(errorFrame(1, error, REQUEST_ID))).toEqual({
      kind: "error",
      id: 1,
      error: {
        code: -32000,
        message: "too far ahead",
        data: { serverTime: 17, earliest: 16, code: "CLOCK_SKEW", status: 401, requestId: REQUEST_ID },
      },
    });
  });

  it("does not let details replace the code", () => {
    const error = new FleetError("RATE_LIMITED", "slower", { code: "OK", status: 200, requestId: "none" });
    expect(JSON.parse(errorFrame(null, error, REQUEST_ID))).toMatchObject({
      id: null,
      error: { data: { code: "RATE_LIMITED", status: 429, requestId: REQUEST_ID } },
    });
  });

  it("uses JSON-RPC's own codes where it has them", () => {
    const number = (frame: string): unknown => (JSON.parse(frame) as { error: { code: unknown } }).error.code;
    expect(number(errorFrame(1, new FleetError("INVALID_REQUEST"), REQUEST_ID))).toBe(-32602);
    expect(number(errorFrame(1, new FleetError("INTERNAL"), REQUEST_ID))).toBe(-32603);
    expect(number(errorFrame(1, new FleetError("NOT_FOUND"), REQUEST_ID))).toBe(-32000);
    const unknown = new FrameFault(FRAME_CODES.methodNotFound, "there is no operation of that name", 3);
    expect(JSON.parse(faultFrame(unknown, REQUEST_ID))).toEqual({
      jsonrpc: "2.0",
      id: 3,
      error: {
        code: -32601,
        message: "there is no operation of that name",
        data: { code: "NOT_FOUND", status: 404, requestId: REQUEST_ID },
      },
    });
    expect(JSON.parse(faultFrame(fault("{"), REQUEST_ID))).toMatchObject({
      id: null,
      error: { code: -32700, data: { code: "INVALID_REQUEST", status: 400 } },
    });
  });

  it("takes an error without data from a stranger", () => {
    expect(parseIncoming('{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}')).toEqual({
      kind: "error",
      id: null,
      error: { code: -32700, message: "Parse error", data: {} },
    });
  });

  it.each([
    "",
    "[]",
    "1",
    '{"id":1,"result":1}',
    '{"jsonrpc":"2.0","id":1}',
    '{"jsonrpc":"2.0","result":1}',
    '{"jsonrpc":"2.0","id":null,"result":1}',
    '{"jsonrpc":"2.0","id":1.5,"result":1}',
    '{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":"x"}}',
    '{"jsonrpc":"2.0","error":{"code":1,"message":"x"}}',
    '{"jsonrpc":"2.0","id":1,"error":"x"}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":"x"}}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":1}}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x","data":7}}',
    '{"jsonrpc":"2.0","id":1,"method":"x"}',
    '{"jsonrpc":"2.0","method":7}',
    '{"jsonrpc":"2.0","method":"x","params":[]}',
  ])("refuses %s", (text) => {
    expect(invalidAnswer(text)).toBe(true);
  });
});

describe("notifications", () => {
  it("greets and reports events in one frame for all sockets", () => {
    expect(parseIncoming(notificationFrame("hello", { nonce: "n" }))).toEqual({
      kind: "notification",
      method: "hello",
      params: { nonce: "n" },
    });
    const event = { topic: "peers", seq: 4, at: "2026-11-21T20:00:00.000Z", data: { id: "x" } };
    expect(parseIncoming(eventFrame(event))).toEqual({ kind: "notification", method: "event", params: event });
  });

  it("leaves out the number of a momentary event", () => {
    const frame = eventFrame({ topic: "node.stats", at: "2026-11-21T20:00:00.000Z", data: {} });
    expect(frame).toBe(
      '{"jsonrpc":"2.0","method":"event","params":{"topic":"node.stats","at":"2026-11-21T20:00:00.000Z","data":{}}}',
    );
  });
});
