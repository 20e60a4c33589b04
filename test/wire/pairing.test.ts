import { describe, expect, it } from "vitest";
import {
  encodeBeginAnswer,
  encodeBeginRequest,
  encodeFinishAnswer,
  encodeFinishRequest,
  parseBeginAnswer,
  parseBeginRequest,
  parseFinishAnswer,
  parseFinishRequest,
} from "../../src/wire/pairing.ts";
import { refusal } from "../foundation/refusal.ts";
import profile from "../vectors/pairing-profile.json" with { type: "json" };

const [vector] = profile.vectors;
if (vector === undefined) throw new Error("the profile has no vectors");
const { beginRequest, finishRequest, finishAnswer } = vector;
const beginAnswer = { ...vector.beginAnswer, attemptsLeft: 4, secondsLeft: 119 };

describe("pairing messages", () => {
  it.each(profile.vectors)("of $name, $way, travel unchanged through parser and encoder", (one) => {
    const answer = { ...one.beginAnswer, attemptsLeft: one.way === "link" ? null : 4, secondsLeft: 119 };
    expect(encodeBeginRequest(parseBeginRequest(one.beginRequest))).toEqual(one.beginRequest);
    expect(encodeBeginAnswer(parseBeginAnswer(answer))).toEqual(answer);
    expect(encodeFinishRequest(parseFinishRequest(one.finishRequest))).toEqual(one.finishRequest);
    expect(encodeFinishAnswer(parseFinishAnswer(one.finishAnswer))).toEqual(one.finishAnswer);
  });

  it("keep a role that was asked for, and drop members nobody knows", () => {
    expect(parseBeginRequest({ ...beginRequest, role: "viewer" }).role).toBe("viewer");
    expect(encodeBeginRequest(parseBeginRequest({ ...beginRequest, role: "viewer", later: 1 }))).toEqual({
      ...beginRequest,
      role: "viewer",
    });
    expect(encodeFinishRequest(parseFinishRequest({ ...finishRequest, later: 1 }))).toEqual(finishRequest);
  });

  it("allow a higher maxVersion of the other side", () => {
    expect(parseBeginRequest({ ...beginRequest, maxVersion: 255 }).maxVersion).toBe(255);
    expect(parseBeginAnswer({ ...beginAnswer, maxVersion: 2 }).maxVersion).toBe(2);
  });

  it("of another version are told so before anything else is looked at", () => {
    expect(refusal(() => parseBeginRequest({ version: 2 }))).toMatchObject({ code: "PAIRING_VERSION", details: { version: 1 } });
    expect(refusal(() => parseBeginAnswer({ version: 2 })).code).toBe("PAIRING_VERSION");
  });

  const compressed = `Ag${beginRequest.share.slice(2)}`;
  it.each([
    ["version", 0],
    ["version", "1"],
    ["maxVersion", 0],
    ["maxVersion", 256],
    ["clientKey", undefined],
    ["clientKey", beginRequest.clientKey.slice(1)],
    ["clientKey", `${beginRequest.clientKey}=`],
    ["share", compressed],
    ["share", `${beginRequest.share}AA`],
    ["name", ""],
    ["name", "a\u202eb"],
    ["name", "a".repeat(65)],
    ["kind", "phone"],
    ["way", "nfc"],
    ["channel", "tls"],
    ["role", "root"],
    ["role", null],
  ])("begin is refused with %s %j", (field, value) => {
    expect(refusal(() => parseBeginRequest({ ...beginRequest, [field]: value }))).toMatchObject({
      code: "INVALID_REQUEST",
      details: { field },
    });
  });

  it.each([
    ["sid", "AA"],
    ["confirm", `${finishRequest.confirm}A`],
    ["proof", finishRequest.confirm],
    ["proof", 7],
  ])("finish is refused with %s %j", (field, value) => {
    expect(refusal(() => parseFinishRequest({ ...finishRequest, [field]: value }))).toMatchObject({
      code: "INVALID_REQUEST",
      details: { field },
    });
  });

  it.each([[null], [[]], ["text"], [undefined]])("are refused when they are %j", (value) => {
    expect(refusal(() => parseBeginRequest(value)).code).toBe("INVALID_REQUEST");
    expect(refusal(() => parseFinishRequest(value)).code).toBe("INVALID_REQUEST");
    expect(refusal(() => parseBeginAnswer(value)).code).toBe("INVALID_ANSWER");
    expect(refusal(() => parseFinishAnswer(value)).code).toBe("INVALID_ANSWER");
  });

  it.each([
    ["sid", "AA"],
    ["nodeKey", compressed],
    ["nodeName", "\n"],
    ["role", "root"],
    ["confirm", ""],
    ["attemptsLeft", undefined],
    ["attemptsLeft", -1],
    ["secondsLeft", 1.5],
  ])("the node's answer to begin is INVALID_ANSWER with %s %j", (field, value) => {
    expect(refusal(() => parseBeginAnswer({ ...beginAnswer, [field]: value }))).toMatchObject({
      code: "INVALID_ANSWER",
      details: { field },
    });
  });

  it.each([
    ["nodeId", "x"],
    ["role", 1],
    ["responderNodeId", finishAnswer.nodeId.toUpperCase()],
    ["responderName", "\u0000"],
    ["responderName", undefined],
    ["proof", ""],
  ])("the node's answer to finish is INVALID_ANSWER with %s %j", (field, value) => {
    expect(refusal(() => parseFinishAnswer({ ...finishAnswer, [field]: value }))).toMatchObject({
      code: "INVALID_ANSWER",
      details: { field },
    });
  });
});
