"""What a node measures, read by Prometheus' own parser."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from typing import Dict, List, Tuple

import pytest
from conftest import Node
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from cider_fleet import FileStore, FleetClient, FleetError

HOST = "127.0.0.1"

# The parser names a counter without its `_total`.
TYPES = {
    "cider_fleet_requests": "counter",
    "cider_fleet_refused_credentials": "counter",
    "cider_fleet_pairing_attempts": "counter",
    "cider_fleet_ledger_sync_duration_seconds": "histogram",
    "cider_fleet_request_duration_seconds": "histogram",
    "cider_fleet_sockets": "gauge",
    "cider_fleet_peers": "gauge",
    "cider_fleet_audit_entries": "gauge",
    "cider_fleet_tokens": "gauge",
    "cider_fleet_event_loop_delay_seconds": "gauge",
    "process_resident_memory_bytes": "gauge",
}

Labels = Tuple[Tuple[str, str], ...]


def families_of(client: FleetClient) -> Dict[str, Metric]:
    """Returns what the node measures by name; a name that stands twice fails."""
    families = list(text_string_to_metric_families(client.get_metrics().text))
    by_name = {family.name: family for family in families}
    assert len(by_name) == len(families)
    return by_name


def without_bound(sample: Sample) -> Labels:
    return tuple(sorted((name, value) for name, value in sample.labels.items() if name != "le"))


def require_histogram(family: Metric) -> None:
    """Buckets rise to `+Inf`, which is the count; each series has one sum."""
    buckets: Dict[Labels, List[Tuple[float, float]]] = defaultdict(list)
    ends: Dict[Tuple[Labels, str], float] = {}
    for sample in family.samples:
        if sample.name == f"{family.name}_bucket":
            buckets[without_bound(sample)].append((float(sample.labels["le"]), sample.value))
        else:
            ends[without_bound(sample), sample.name[len(family.name) :]] = sample.value
    assert buckets and len(ends) == 2 * len(buckets)
    for labels, bounds in buckets.items():
        assert bounds == sorted(bounds) and [count for _, count in bounds] == sorted(count for _, count in bounds)
        assert bounds[-1] == (math.inf, ends[labels, "_count"])
        assert len({bound for bound, _ in bounds}) == len(bounds)
        assert 0 < ends[labels, "_sum"] < 60 * ends[labels, "_count"]


def test_prometheus_reads_what_a_node_measures(tmp_path: Path, store: FileStore) -> None:
    node = Node(tmp_path / "measured")
    with node.open_window() as window:
        with pytest.raises(FleetError, match="PAIRING_WRONG_CODE"):
            FleetClient.pair(HOST, window.wrong_code(), "laptop", node.port, store=store)
        FleetClient.pair(HOST, window.code, "laptop", node.port, store=store)
        window.paired()
    with FleetClient(HOST, api_token=node.token("scraper"), port=node.port, store=store) as client:
        before = families_of(client)
        for _ in range(3):
            client.get_node_info()
        with pytest.raises(FleetError, match="INSUFFICIENT_SCOPE"):
            client.generate_api_token("more")
        after = families_of(client)
    node.stop()
    assert {name: family.type for name, family in after.items()} == TYPES
    assert all(family.documentation for family in after.values())
    for name in ("cider_fleet_request_duration_seconds", "cider_fleet_ledger_sync_duration_seconds"):
        require_histogram(after[name])

    calls = {"operation": "GetNodeInfo", "outcome": "ok"}
    assert value(after, "cider_fleet_requests_total", calls) - value(before, "cider_fleet_requests_total", calls) == 3
    refused = {"operation": "GenerateAPIToken", "outcome": "INSUFFICIENT_SCOPE"}
    assert value(after, "cider_fleet_requests_total", refused) == 1
    assert value(after, "cider_fleet_pairing_attempts_total", {"way": "code"}) == 2
    assert value(after, "cider_fleet_tokens", {"status": "active"}) >= 1
    assert value(after, "process_resident_memory_bytes", {}) > 1e7
    both = [sample.labels for sample in after["cider_fleet_requests"].samples]
    assert len({tuple(sorted(labels.items())) for labels in both}) == len(both)


def value(families: Dict[str, Metric], name: str, labels: Dict[str, str]) -> float:
    """Returns the one value of that name with exactly these labels; 0 before there is any."""
    found = [s.value for family in families.values() for s in family.samples if s.name == name and s.labels == labels]
    assert len(found) <= 1
    return found[0] if found else 0.0
