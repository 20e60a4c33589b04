/** Reads answers: JSON in, members out, or the error the node sent. Surfaces differ: RPC's text is `error`, REST's `message`. */

import { fromUtf8 } from "../foundation/bytes.ts";
import { typedDetails } from "../foundation/error-details.ts";
import { FleetError, isAnswerCode } from "../foundation/errors.ts";
import { isJsonObject, type JsonObject } from "../wire/parse.ts";
import type { TransportAnswer } from "./transport.ts";

/** Returns the object of a successful answer; throws the node's error, or INVALID_ANSWER when it is neither. */
export function readAnswer(answer: TransportAnswer): JsonObject {
  const value = parseJson(answer);
  if (answer.status >= 200 && answer.status < 300) return value;
  throw errorOf(value, answer);
}

/**
 * Returns the error of a refused call, with every further member the node sent as its details. Codes of errors that are
 * raised on this side are not the node's to use: they would be taken for what this program found out by itself.
 */
export function readError(members: JsonObject, status: number, text: string): FleetError {
  const { code, success: _, error: __, message: ___, ...others } = members;
  const rest = typedDetails(others);
  if (isAnswerCode(code)) return new FleetError(code, text, rest);
  if (typeof code === "string") {
    return new FleetError("UNKNOWN_CODE", `${code}: ${text}`, { ...rest, code, status });
  }
  return invalidAnswer(`status ${status} without a code`, { status });
}

/** Returns INVALID_ANSWER that says what is wrong with it. */
export function invalidAnswer(what: string, details: Readonly<Record<string, unknown>> = {}): FleetError {
  return new FleetError("INVALID_ANSWER", `the node's answer is not what the protocol says: ${what}`, details);
}

function parseJson(answer: TransportAnswer): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(answer.body));
  } catch {
    value = undefined;
  }
  if (!isJsonObject(value)) throw invalidAnswer(`status ${answer.status} without a JSON object`, { status: answer.status });
  return value;
}

function errorOf(value: JsonObject, answer: TransportAnswer): FleetError {
  const text = [value["message"], value["error"]].find((member) => typeof member === "string");
  const after = Number(answer.headers["retry-after"]);
  const members = "retryAfter" in value || !(after > 0) ? value : { ...value, retryAfter: after };
  return readError(members, answer.status, text ?? `status ${answer.status}`);
}
