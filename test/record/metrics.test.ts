import { describe, expect, it, onTestFinished } from "vitest";
import { Metrics } from "../../src/record/metrics.ts";

function metricsOf(): Metrics {
  const metrics = new Metrics({ sockets: () => 3, tokens: () => ({ active: 2, revoked: 1 }), peers: () => 4, entries: () => 9 });
  onTestFinished(() => metrics.stop());
  return metrics;
}

describe("metrics", () => {
  it("count calls by operation and outcome, and how long they took", () => {
    const metrics = metricsOf();
    metrics.request("GetNodeInfo", "ok", 0.3);
    metrics.request("GetNodeInfo", "ok", 7);
    metrics.request("GetNodeInfo", "INSUFFICIENT_SCOPE", 1);
    const text = metrics.text();
    expect(text).toContain('cider_fleet_requests_total{operation="GetNodeInfo",outcome="ok"} 2');
    expect(text).toContain('cider_fleet_requests_total{operation="GetNodeInfo",outcome="INSUFFICIENT_SCOPE"} 1');
    expect(text).toContain('cider_fleet_request_duration_seconds_bucket{le="0.0005",operation="GetNodeInfo"} 1');
    expect(text).toContain('cider_fleet_request_duration_seconds_count{operation="GetNodeInfo"} 3');
  });

  it("tell what is there now, what the disk took, and who tried", () => {
    const metrics = metricsOf();
    metrics.ledgerSync(4);
    metrics.pairingAttempt("code");
    metrics.refusedCredential("TOKEN_INVALID");
    const text = metrics.text();
    for (const line of [
      "cider_fleet_sockets 3",
      "cider_fleet_peers 4",
      "cider_fleet_audit_entries 9",
      'cider_fleet_tokens{status="active"} 2',
      'cider_fleet_tokens{status="revoked"} 1',
      'cider_fleet_ledger_sync_duration_seconds_bucket{le="0.005"} 1',
      'cider_fleet_pairing_attempts_total{way="code"} 1',
      'cider_fleet_refused_credentials_total{code="TOKEN_INVALID"} 1',
    ])
      expect(text).toContain(`\n${line}\n`);
    expect(text).toMatch(/\ncider_fleet_event_loop_delay_seconds\{quantile="0\.99"\} [0-9.e-]+\n/);
  });

  it("of two nodes in one process are two", () => {
    const [one, other] = [metricsOf(), metricsOf()];
    one.pairingAttempt("link");
    expect(other.text()).not.toContain('way="link"');
  });
});
