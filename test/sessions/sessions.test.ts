import { beforeEach, describe, expect, it, vi } from "vitest";
import { type EndReason, Sessions } from "../../src/sessions/sessions.ts";

/** Sessions at a clock that vitest moves, with deadlines by credential. */
function play() {
  const deadlines = new Map<string, number>();
  const ended: string[] = [];
  const clock = { now: () => Date.now(), elapsed: () => performance.now() };
  const forbidden = new Set<string>();
  const sessions = new Sessions(clock, {
    deadlineOf: (credential) => deadlines.get(credential) ?? null,
    allows: (credential, address) => !forbidden.has(`${credential} ${address}`),
  });
  /** Opens a session that, like a socket, forgets itself while it ends. */
  const open = (credential: string, address = "192.0.2.1"): (() => void) => {
    const end = (why: EndReason): void => {
      ended.push(`${credential} ${why}`);
      forget();
    };
    const forget = sessions.open({ credential, address, end });
    return forget;
  };
  return { deadlines, ended, forbidden, open, sessions };
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-11-21T20:00:00.000Z") });
  return () => vi.useRealTimers();
});

describe("ending a credential", () => {
  it("ends its sessions at once and says how many there were", () => {
    const { ended, open, sessions } = play();
    for (const credential of ["token:a", "token:a", "token:a", "token:b", "peer:a"]) open(credential);
    expect(sessions.end("token:a", "revoked")).toBe(3);
    expect(ended).toEqual(["token:a revoked", "token:a revoked", "token:a revoked"]);
    expect(sessions.size).toBe(2);
    expect(sessions.end("token:a", "revoked")).toBe(0);
  });

  it("does not count what closed by itself", () => {
    const { ended, open, sessions } = play();
    const forget = open("token:a");
    open("token:a");
    forget();
    forget();
    expect(sessions.end("token:a", "deleted")).toBe(1);
    expect(ended).toEqual(["token:a deleted"]);
    expect(sessions.size).toBe(0);
  });

  it("knows nothing of others", () => {
    const { open, sessions } = play();
    open("token:a");
    expect(sessions.end("token:b", "revoked")).toBe(0);
    expect(sessions.end("peer:a", "removed")).toBe(0);
    expect(sessions.size).toBe(1);
  });

  it("ends everything when the node stops", () => {
    const { ended, open, sessions } = play();
    for (const credential of ["local", "nobody", "peer:a"]) open(credential);
    expect(sessions.endAll("stopping")).toBe(3);
    expect(ended).toEqual(["local stopping", "nobody stopping", "peer:a stopping"]);
  });
});

describe("an address that was taken away", () => {
  it("ends the sessions from there, and no others", () => {
    const { ended, forbidden, open, sessions } = play();
    for (const address of ["192.0.2.1", "192.0.2.2", "192.0.2.1"]) open("token:a", address);
    open("token:b");
    sessions.review();
    expect(ended).toEqual([]);
    forbidden.add("token:a 192.0.2.1");
    sessions.review();
    expect(ended).toEqual(["token:a refused", "token:a refused"]);
    expect(sessions.size).toBe(2);
  });
});

describe("deadlines", () => {
  it("end the sessions of a credential when it expires, and no others", () => {
    const { deadlines, ended, open, sessions } = play();
    deadlines.set("token:a", Date.now() + 5_000).set("token:b", Date.now() + 90_000);
    for (const credential of ["token:b", "token:a", "token:a", "peer:a"]) open(credential);
    vi.advanceTimersByTime(4_999);
    expect(ended).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ended).toEqual(["token:a expired", "token:a expired"]);
    vi.advanceTimersByTime(85_000);
    expect(ended.at(-1)).toBe("token:b expired");
    expect(sessions.size).toBe(1);
  });

  it("are asked anew, so that one that moved is noticed within a minute", () => {
    const { deadlines, ended, open } = play();
    deadlines.set("token:a", Date.now() + 3_600_000);
    open("token:a");
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(60_000);
    expect(ended).toEqual(["token:a expired"]);
  });

  it("beyond what a timer can hold are no deadline now", () => {
    const { deadlines, ended, open } = play();
    deadlines.set("token:a", Date.now() + 100 * 365 * 86_400_000);
    open("token:a");
    vi.advanceTimersByTime(600_000);
    expect(ended).toEqual([]);
  });

  it("leave no timer behind when there are none, or all is ended", () => {
    const { deadlines, open, sessions } = play();
    open("peer:a");
    expect(vi.getTimerCount()).toBe(0);
    deadlines.set("token:a", Date.now() + 1000);
    open("token:a");
    expect(vi.getTimerCount()).toBe(1);
    sessions.endAll("stopping");
    expect(vi.getTimerCount()).toBe(0);
  });
});
