import { describe, expect, it } from "vitest";
import * as z from "zod";
import { isOperationName, OPERATION_NAMES, OPERATIONS, operationOf } from "../../src/catalogue/operations.ts";
import { TOPIC_NEEDS, TOPICS } from "../../src/catalogue/topics.ts";
import { SCOPES } from "../../src/foundation/vocabulary.ts";

/** What the discontinued product had, in the order of its reference. */
const OLD_NAMES = (
  "GetNodeInfo GetNodeStats GetTasks ListVMs StartVM StopVM SuspendVM StartVMRecovery ListSnapshots CreateSnapshot RestoreSnapshot " +
  "DeleteSnapshot CloneVM RenameVM DeleteVM GetVMSettings UpdateVMSettings PushImage GetRemoteResources ListRemoteIPSWs " +
  "DownloadIPSWOnNode ListRemoteOCIImages PullOCIImageOnNode CreateVMOnNode ExecCommand GetFleetOverview GetFleetEvents " +
  "GenerateAPIToken RevokeAPIToken ListAPITokens"
).split(" ");

describe("the table of operations", () => {
  it("has all 30 names of the discontinued product", () => {
    expect(OLD_NAMES).toHaveLength(30);
    expect(OLD_NAMES.filter((name) => !isOperationName(name))).toEqual([]);
  });

  it("has no name that an object has by birth", () => {
    for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) expect(isOperationName(name)).toBe(false);
  });

  it("says of every operation what it takes, and in one sentence what it does", () => {
    for (const name of OPERATION_NAMES) {
      const { need, since, summary } = operationOf(name);
      expect(["public", "self", ...SCOPES]).toContain(need);
      expect(since).toMatch(/^\d+\.\d+\.\d+$/);
      expect(summary).toMatch(/^[A-Z][^\n]*\.$/);
      expect(name).toMatch(/^[A-Z][A-Za-z]+$/);
    }
  });

  it("has every route once, and its parameters in the input", () => {
    const routes = OPERATION_NAMES.flatMap((name) => {
      const { rest } = operationOf(name);
      return rest === null ? [] : [`${rest.method} ${rest.path}`];
    });
    expect(new Set(routes).size).toBe(routes.length);
    for (const name of OPERATION_NAMES) {
      const { input, rest } = operationOf(name);
      const { properties = {} } = z.toJSONSchema(input, { io: "input", unrepresentable: "any" });
      for (const [, member = ""] of (rest?.path ?? "").matchAll(/:(\w+)/g)) expect(Object.keys(properties)).toContain(member);
    }
  });

  it("lets nothing public change what is kept, but pairing and the burning of what is presented", () => {
    const open = OPERATION_NAMES.filter((name) => operationOf(name).need === "public" && operationOf(name).kind === "change");
    expect(open).toEqual(["BeginPairing", "FinishPairing", "BurnAPIToken", "BurnToken"]);
  });

  it("refuses unknown members wherever the node reads the input by schema", () => {
    for (const name of OPERATION_NAMES) {
      const { input, missing, parse } = operationOf(name);
      if (missing !== undefined || parse !== undefined || name === "ListVMs") continue;
      const { issues = [] } = input.safeParse({ surprise: 1 }).error ?? {};
      expect(issues.map(({ code }) => code)).toContain("unrecognized_keys");
    }
  });

  it("marks every answer that holds a secret", () => {
    const secret = OPERATION_NAMES.filter((name) => operationOf(name).secret === true);
    const issuing = ["GenerateAPIToken", "RotateAPIToken", "RotateSelf", "CreateProjectToken", "ExchangeToken"];
    expect(secret).toEqual(["GetPairing", "OpenPairing", "RenewPairingCode", ...issuing]);
    const shows = OPERATION_NAMES.filter((name) => {
      const { properties = {} } = z.toJSONSchema(operationOf(name).output, { unrepresentable: "any" });
      return ["token", "code", "link", "access_token"].some((member) => Object.hasOwn(properties, member));
    });
    expect(shows).toEqual(secret);
  });

  it("says of what is not built what is missing", () => {
    const unbuilt = Object.entries(OPERATIONS).flatMap(([name, entry]) => ("missing" in entry ? [[name, entry.missing]] : []));
    expect(OLD_NAMES).toEqual(expect.arrayContaining(unbuilt.map(([name]) => name)));
    expect(unbuilt).toHaveLength(24);
    for (const [, missing] of unbuilt) expect(missing).toMatch(/^this node .* yet$/);
  });
});

it("asks a scope for every topic", () => {
  expect(Object.keys(TOPIC_NEEDS)).toEqual([...TOPICS]);
});
