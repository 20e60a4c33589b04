import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { audiencesOf, issuerOf } from "../../src/api/audience.ts";
import type { Source } from "../../src/foundation/source.ts";

const TLS: Source = { via: "tls", address: "192.0.2.9", network: "192.0.2.9" };
const OWN = { hostNames: () => new Set(["studio.local"]), origins: new Set<string>() };

/** Returns whether a request with this Host, arrived at this address and port, has names as an audience. */
function isHere(host: string, localAddress: string, source: Source = TLS, localPort = 9473): boolean {
  const request = { url: "/oauth/token", socket: { localAddress, localPort } } as unknown as IncomingMessage;
  return audiencesOf(request, { host, hasBody: true, isSigned: false }, source, OWN).length > 0;
}

describe("this node's names as an audience", () => {
  it("are the issuer, with and without a path", () => {
    const request = {
      url: "/oauth/token",
      socket: { localAddress: "::ffff:192.0.2.1", localPort: 9473 },
    } as unknown as IncomingMessage;
    const names = audiencesOf(request, { host: "192.0.2.1:9473", hasBody: true, isSigned: false }, TLS, OWN);
    expect(names).toEqual(["https://192.0.2.1:9473", "https://192.0.2.1:9473/", "https://192.0.2.1:9473/oauth/token"]);
    expect(issuerOf({ host: "localhost", hasBody: false, isSigned: false }, { ...TLS, via: "loopback" })).toBe(
      "http://localhost",
    );
  });

  it("hold where the connection ended, so that no other node can pass on what it was sent", () => {
    expect(isHere("[fd00::1]:9473", "fd00::1")).toBe(true);
    expect(isHere("Studio.local:9473", "192.0.2.1")).toBe(true);
    expect(isHere("localhost:9473", "127.0.0.1")).toBe(true);
    expect(isHere("localhost", "", { ...TLS, via: "socket" })).toBe(true);
    expect(isHere("192.0.2.1", "192.0.2.1", TLS, 443)).toBe(true);
    expect(isHere("192.0.2.1", "192.0.2.1")).toBe(false);
    expect(isHere("192.0.2.1:9474", "192.0.2.1")).toBe(false);
    expect(isHere("localhost:9474", "127.0.0.1")).toBe(false);
    expect(isHere("studio.local", "192.0.2.1")).toBe(true); // forwarded from the usual port
    expect(isHere("192.0.2.2:9473", "192.0.2.1")).toBe(false);
    expect(isHere("127.0.0.1:9473", "192.0.2.1")).toBe(false);
    expect(isHere("localhost:9473", "192.0.2.1")).toBe(false);
    expect(isHere("other.local:9473", "192.0.2.1")).toBe(false);
    expect(isHere("192.0.2.1:99999", "192.0.2.1")).toBe(false);
    expect(isHere("[fe80::1%25en0]:9473", "fe80::1")).toBe(false);
  });
});
