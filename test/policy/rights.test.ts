import { describe, expect, it } from "vitest";
import { PERMISSIONS, ROLES, SCOPES } from "../../src/foundation/vocabulary.ts";
import { scopesOfPermission } from "../../src/policy/permissions.ts";
import { GRANTABLE_SCOPES, holds, ROLE_SCOPES, WILDCARDS } from "../../src/policy/rights.ts";
import { refusal } from "../foundation/refusal.ts";

const READ = ["machines:read", "metrics:read"];
const OPERATE = [...READ, "machines:write", "commands:execute", "files:read", "files:write", "schedules:manage", "agent:invoke"];
const KEPT = ["tokens:manage", "peers:manage", "pairing:manage", "permissions:manage"];

describe("roles and presets", () => {
  it("hold what docs/permissions.md lists", () => {
    expect([...ROLE_SCOPES.viewer]).toEqual(READ);
    expect([...ROLE_SCOPES.operator]).toEqual(OPERATE);
    expect([...ROLE_SCOPES.admin].sort()).toEqual([...SCOPES].sort());
    expect(scopesOfPermission("readOnly", undefined)).toEqual(READ);
    expect(scopesOfPermission("fullAccess", undefined)).toEqual(OPERATE);
    expect(Object.keys(ROLE_SCOPES)).toEqual([...ROLES]);
  });

  it("leave audit:read to admins, and to tokens that name it", () => {
    for (const role of ["viewer", "operator"] as const) expect(ROLE_SCOPES[role].has("audit:read")).toBe(false);
    expect(scopesOfPermission("custom", ["audit:read"])).toEqual(["audit:read"]);
  });
});

describe("what a token can be given", () => {
  it("never includes what makes or ends rights", () => {
    expect(SCOPES.filter((scope) => !GRANTABLE_SCOPES.includes(scope))).toEqual(KEPT);
    for (const permission of PERMISSIONS.filter((word) => word !== "custom")) {
      expect(scopesOfPermission(permission, undefined).filter((scope) => KEPT.includes(scope))).toEqual([]);
    }
  });

  it.each([
    [undefined],
    [[]],
    [["tokens:manage"]],
    [["machines:read", "peers:manage"]],
    [["*"]],
    [["execute:*"]],
    [["machines:*"]],
    [[""]],
  ])("custom scopes %j are refused", (scopes) => {
    expect(refusal(() => scopesOfPermission("custom", scopes))).toMatchObject({
      code: "INVALID_REQUEST",
      details: { field: "scopes" },
    });
  });

  it("takes each scope once, and none beside a preset", () => {
    expect(scopesOfPermission("custom", ["read:*", "files:read", "read:*"])).toEqual(["read:*", "files:read"]);
    expect(refusal(() => scopesOfPermission("readOnly", ["files:read"])).code).toBe("INVALID_REQUEST");
    expect(refusal(() => scopesOfPermission("fullAccess", [])).code).toBe("INVALID_REQUEST");
  });
});

describe("a wildcard", () => {
  it("covers its verb over every grantable scope, and nothing that is kept", () => {
    const held = new Set(["read:*"]);
    for (const need of GRANTABLE_SCOPES) expect(holds(held, { need, verb: "read" })).toBe(true);
    for (const need of ["tokens:manage", "peers:manage", "pairing:manage", "permissions:manage"] as const)
      expect(holds(held, { need, verb: "read" })).toBe(false);
  });

  it("covers no other verb, and no wildcard covers running commands", () => {
    const all = new Set<string>(WILDCARDS);
    expect(holds(new Set(["read:*"]), { need: "machines:write", verb: "update" })).toBe(false);
    expect(holds(all, { need: "machines:write", verb: "delete" })).toBe(true);
    expect(holds(all, { need: "commands:execute", verb: "execute" })).toBe(false);
    expect(holds(new Set(["commands:execute"]), { need: "commands:execute", verb: "execute" })).toBe(true);
  });

  it("is no right to what needs none", () => {
    expect(holds(new Set(["read:*"]), { need: "public", verb: "read" })).toBe(false);
    expect(holds(new Set(["read:*"]), { need: "self", verb: "read" })).toBe(false);
  });
});
