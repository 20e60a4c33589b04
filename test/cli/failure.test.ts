import { describe, expect, it } from "vitest";
import { EXIT_CODES, exitOf } from "../../src/cli/exit-codes.ts";
import { reportFailure, UsageError } from "../../src/cli/failure.ts";
import { ERRORS, type ErrorCode, FleetError } from "../../src/foundation/errors.ts";
import { terminalDouble } from "./doubles.ts";

function report(error: unknown, env?: Record<string, string>) {
  const terminal = terminalDouble(env === undefined ? {} : { env });
  const code = reportFailure(error, terminal);
  return { code, out: terminal.stdout.text, err: terminal.stderr.text };
}

describe("a failure", () => {
  it("is one line of error and one of hint on stderr, with a named exit code", () => {
    expect(report(new FleetError("NOT_RUNNING", "no node is running here"))).toEqual({
      code: 3,
      out: "",
      err: `cider: error: no node is running here\ncider: hint: ${ERRORS.NOT_RUNNING.remedy}\n`,
    });
  });

  it("has no hint where the message holds the remedy", () => {
    expect(report(new FleetError("CONFIG_INVALID", "a.toml:3:1: there is no setting prot")).err).toBe(
      "cider: error: a.toml:3:1: there is no setting prot\n",
    );
  });

  it("points to the command's help where a value was refused", () => {
    const terminal = terminalDouble();
    reportFailure(new FleetError("INVALID_REQUEST", "id must be a number"), terminal, 'see "cider fleet audit show --help"');
    expect(terminal.stderr.text).toContain('cider: hint: see "cider fleet audit show --help"\n');
    expect(report(new FleetError("INVALID_REQUEST")).err).not.toContain("hint");
  });

  it("prints the command to run instead where there is one", () => {
    const error = new FleetError("SOCKET_REFUSED", "it belongs to root", { command: "sudo cider-fleet status" });
    expect(report(error).err).toContain("cider: hint: run: sudo cider-fleet status\n");
  });

  it("names the request when the node failed", () => {
    expect(report(new FleetError("INTERNAL", undefined, { requestId: "r-1" })).err).toContain("(request r-1)");
  });

  it("shows a usage error with its own remedy, or none", () => {
    expect(report(new UsageError("--port is not a number", "write digits"))).toMatchObject({
      code: 2,
      err: "cider: error: --port is not a number\ncider: hint: write digits\n",
    });
    expect(report(new UsageError("which?")).err).toBe("cider: error: which?\n");
  });

  it("shows a defect's stack only when asked", () => {
    const defect = new TypeError("x is not a function");
    expect(report(defect)).toMatchObject({ code: 1 });
    expect(report(defect).err).not.toContain("failure.test.ts");
    expect(report(defect, { CIDER_DEBUG: "1" }).err).toContain("failure.test.ts");
    expect(report("thrown text").err).toContain("thrown text");
  });
});

describe("exit codes", () => {
  it.each([
    ["CONNECTION_FAILED", "UNREACHABLE"],
    ["TOKEN_REVOKED", "REFUSED"],
    ["INSUFFICIENT_SCOPE", "REFUSED"],
    ["PAIRING_WRONG_CODE", "REFUSED"],
    ["NODE_MISMATCH", "REFUSED"],
    ["NOT_FOUND", "NOT_FOUND"],
    ["LINK_INVALID", "USAGE"],
    ["INVALID_REQUEST", "USAGE"],
    ["PORT_TAKEN", "BUSY"],
    ["FOLDER_IN_USE", "BUSY"],
    ["STORAGE_FAILED", "STORAGE"],
    ["STORAGE_FULL", "FAILED"],
    ["INTERNAL", "FAILED"],
  ] as const)("%s ends as %s", (code, name) => {
    expect(exitOf(new FleetError(code))).toBe(name);
  });

  it("tell units that starting again will not help, for every error of start-up but a taken port or folder", () => {
    const start = Object.entries(ERRORS).filter(
      ([code, { kind }]) => kind === "start" && !["PORT_TAKEN", "FOLDER_IN_USE"].includes(code),
    );
    for (const [code] of start) expect(exitOf(new FleetError(code as ErrorCode)), code).toBe("CONFIG");
    expect(start.length).toBeGreaterThan(4);
  });

  it("are all different", () => {
    const codes = Object.values(EXIT_CODES).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
