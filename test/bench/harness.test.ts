import { afterEach, describe, expect, it } from "vitest";
import { type Comparison, compare, conclude, sayResult } from "../../bench/harness.ts";
import { ask, drive, parseAnswer, requestBytes } from "../../bench/load.ts";
import { ServerUnderTest } from "../../bench/server.ts";

const REQUEST = requestBytes("GET", "/", { host: "127.0.0.1" });
const ANSWER = {
  status: 200,
  headers: [
    ["content-type", "application/json"],
    ["content-length", "11"],
    ["Date", "not this one"],
  ] as const,
  body: Buffer.from('{"ok":true}'),
};

const started: ServerUnderTest[] = [];

afterEach(() => Promise.all(started.splice(0).map((server) => server.stop())));

async function bare(answer: Parameters<typeof ServerUnderTest.bare>[0] = ANSWER): Promise<ServerUnderTest> {
  const server = await ServerUnderTest.bare(answer);
  started.push(server);
  return server;
}

const comparison: Comparison = {
  name: "same",
  claim: "a server is as fast as itself",
  target: { atLeast: 0.5 },
  unit: "requests per server CPU second",
  prepare: async () => {
    const [subject, baseline] = [await bare(), await bare()];
    const load = (seconds: number) => ({ connections: 2, seconds, next: () => REQUEST });
    return {
      subject: ({ seconds }) => subject.rate(load(seconds)),
      baseline: ({ seconds }) => baseline.rate(load(seconds)),
      close: () => Promise.resolve(),
    };
  },
};

describe("a server under test", () => {
  it("gives the answer it was told, and writes node's own fields once", async () => {
    const { status, headers, body } = await ask((await bare()).at, REQUEST);
    expect(status).toBe(200);
    expect(body.toString()).toBe('{"ok":true}');
    expect(headers.map(([name]) => name.toLowerCase())).toEqual([
      "content-type",
      "content-length",
      "date",
      "connection",
      "keep-alive",
    ]);
  });

  it("is asked for its own CPU time", async () => {
    const server = await bare();
    const before = await server.cpuSeconds();
    expect(before).toBeGreaterThan(0);
    expect(await server.rate({ connections: 2, seconds: 0.05, next: () => REQUEST })).toBeGreaterThan(0);
    expect(await server.cpuSeconds()).toBeGreaterThan(before);
  });

  it("that does not come up is reported with what it said", async () => {
    const start = ServerUnderTest.start(["--eval", "console.error('no port'); process.exit(3)"], () => undefined);
    await expect(start).rejects.toThrow(/ended with 3: no port/);
  });
});

describe("load", () => {
  it("counts answers, and sends each request that `next` makes", async () => {
    let made = 0;
    const next = () => {
      made++;
      return REQUEST;
    };
    const answered = await drive((await bare()).at, { connections: 3, seconds: 0.05, next });
    expect(answered).toBeGreaterThan(0);
    expect(answered).toBe(made);
  });

  it("fails at an answer that is none of success", async () => {
    const server = await bare({ ...ANSWER, status: 503 });
    await expect(drive(server.at, { connections: 1, seconds: 1, next: () => REQUEST })).rejects.toThrow(
      'answered 503: {"ok":true}',
    );
  });

  it("fails when nobody listens", async () => {
    const server = await bare();
    await server.stop();
    await expect(drive(server.at, { connections: 1, seconds: 1, next: () => REQUEST })).rejects.toThrow("ECONNREFUSED");
  });
});

describe("an answer", () => {
  const bytes = Buffer.from("HTTP/1.1 201 Created\r\nA: b\r\nContent-Length: 2\r\n\r\nokmore");

  it("is taken from the front", () => {
    expect(parseAnswer(bytes)).toMatchObject({
      status: 201,
      headers: [
        ["A", "b"],
        ["Content-Length", "2"],
      ],
      length: bytes.length - 4,
    });
  });

  it("is waited for while it is incomplete", () => {
    for (let end = 0; end < bytes.length - 4; end++) expect(parseAnswer(bytes.subarray(0, end))).toBeUndefined();
  });

  it("without a length cannot be counted", () => {
    expect(() => parseAnswer(Buffer.from("HTTP/1.1 200 OK\r\n\r\n"))).toThrow("without Content-Length");
  });
});

describe("a comparison", () => {
  it("runs pairs after one that warms up", async () => {
    const result = await compare(comparison, { pairs: 2, seconds: 0.02 });
    expect(result.pairs).toBe(2);
    expect(result.ratios.every((ratio) => ratio > 0)).toBe(true);
  });

  it("is concluded from ratios within pairs, not from the medians of the sides", () => {
    const result = conclude(comparison, [10, 200, 3000], [20, 100, 1000]);
    expect(result).toMatchObject({ ratio: 2, subject: 200, baseline: 100, ratios: [0.5, 2, 3], verdict: "too close to call" });
    expect(sayResult(result)).toContain("same: 2.00 (0.50 to 3.00 at 75 %, 3 pairs), at least 0.5: too close to call");
  });

  it("closes what it prepared when a side fails", async () => {
    let closed = false;
    const failing: Comparison = {
      ...comparison,
      prepare: () =>
        Promise.resolve({
          subject: () => Promise.reject(new Error("broken")),
          baseline: () => Promise.resolve(1),
          close: async () => {
            closed = true;
          },
        }),
    };
    await expect(compare(failing, { pairs: 1, seconds: 0.01 })).rejects.toThrow("broken");
    expect(closed).toBe(true);
  });
});
