import { describe, expect, it } from "vitest";
import { parseAddress } from "../../src/sdk/address.ts";
import { wayTo } from "../../src/sdk-browser/base-url.ts";

const to = (host: string, port?: number, page?: string) => {
  const { base, channel } = wayTo(parseAddress(host, port), page);
  return [base.href, channel];
};

describe("the way of a page to a node", () => {
  it.each<[string, number | undefined, string]>([
    ["studio.local", undefined, "https://studio.local:9473/"],
    ["192.168.1.100", undefined, "https://192.168.1.100:9473/"],
    ["fd00::7", 9000, "https://[fd00::7]:9000/"],
    ["studio.local", 443, "https://studio.local/"],
    ["studio.local", 80, "https://studio.local:80/"],
    ["127.0.0.1.example.org", undefined, "https://127.0.0.1.example.org:9473/"],
    ["127.example.org", undefined, "https://127.example.org:9473/"],
  ])("leads to %s, port %s, over TLS, whose certificate it does not see", (host, port, base) => {
    expect(to(host, port)).toEqual([base, "blind"]);
    expect(to(host, port, "http://127.0.0.1:9473")).toEqual([base, "blind"]);
  });

  it.each<[string, number | undefined, string]>([
    ["127.0.0.1", undefined, "http://127.0.0.1:9473/"],
    ["127.8.8.8", undefined, "http://127.8.8.8:9473/"],
    ["localhost", undefined, "http://localhost:9473/"],
    ["::1", undefined, "http://[::1]:9473/"],
    ["127.0.0.1", 80, "http://127.0.0.1/"],
    ["127.0.0.1", 443, "http://127.0.0.1:443/"],
  ])("leads to this machine, %s, port %s, without", (host, port, base) => {
    expect(to(host, port)).toEqual([base, "loopback"]);
    expect(to(host, port, "https://console.example.org")).toEqual([base, "loopback"]);
  });

  it("stays with TLS where the page came from that very address by it", () => {
    expect(to("127.0.0.1", undefined, "https://127.0.0.1:9473")).toEqual(["https://127.0.0.1:9473/", "blind"]);
    expect(to("127.0.0.1", 9474, "https://127.0.0.1:9473")).toEqual(["http://127.0.0.1:9474/", "loopback"]);
    expect(to("127.0.0.1", undefined, "http://127.0.0.1:9473")).toEqual(["http://127.0.0.1:9473/", "loopback"]);
  });

  it("names as Host and signs what the browser will", () => {
    expect(wayTo(parseAddress("Studio.local", 443), undefined).base.host).toBe("studio.local");
    expect(wayTo(parseAddress("127.0.0.1", 443), undefined).base.host).toBe("127.0.0.1:443");
  });
});
