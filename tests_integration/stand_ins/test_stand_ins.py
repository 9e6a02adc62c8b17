"""The stand-ins refuse what Google refuses: a test that they pass means something."""
import json
import time
import urllib.error
import urllib.request

import pytest

from harness import chaos_delivery
from stand_ins.cloud_monitoring import OLDER_START, OUT_OF_ORDER, TOO_OFTEN, CloudMonitoring
from stand_ins.metadata_server import MetadataServer
from stand_ins.pubsub_rules import PubsubRules, check_publish

PREFIX = "custom.googleapis.com/walpulse/"


def call(url, body=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data,
                                     {"Content-Type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def rfc3339(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1e9):09}Z"


def gauge(name="lag", end=None, value=None, **changes):
    return {"metric": {"type": PREFIX + name, "labels": {"pipeline": "a"}},
            "resource": {"type": "generic_task",
                         "labels": {"project_id": "walpulse-local", "location": "global",
                                    "namespace": "mage", "job": "walpulse", "task_id": "1"}},
            "metricKind": "GAUGE", "valueType": "INT64",
            "points": [{"interval": {"endTime": rfc3339(end or time.time())},
                        "value": value or {"int64Value": "1"}}], **changes}


def cumulative(start, end, value="1", name="count"):
    series = gauge(name, end, {"int64Value": value}, metricKind="CUMULATIVE")
    series["points"][0]["interval"]["startTime"] = rfc3339(start)
    return series


def distribution(**changes):
    value = {"count": "3", "mean": 1.0, "bucketCounts": ["1", "2"],
             "bucketOptions": {"explicitBuckets": {"bounds": [1.0]}}, **changes}
    return gauge("duration", value={"distributionValue": value}, valueType="DISTRIBUTION")


@pytest.fixture
def monitoring():
    with CloudMonitoring() as stand_in:
        yield stand_in


def write(monitoring, *series):
    return call(f"{monitoring.url}/v3/projects/walpulse-local/timeSeries",
                {"timeSeries": list(series)})


def without(series, *path):
    at = series
    for key in path[:-1]:
        at = at[key]
    del at[path[-1]]
    return series


def test_monitoring_takes_a_correct_point(monitoring):
    assert write(monitoring, gauge(), distribution()) == (200, {})
    ((labels, points),) = monitoring.points_of("lag")
    assert labels == {"pipeline": "a"} and [point.value for point in points] == [1]


@pytest.mark.parametrize("series, text", [
    (lambda: [gauge(unknown=1)], "unknown"),
    (lambda: [gauge(points=[])], "exactly one point"),
    (lambda: [gauge(valueType="DOUBLE")], "valueType"),
    (lambda: [gauge(value={"int64Value": "1.5"})], "1.5"),
    (lambda: [gauge(), gauge()], "Duplicate TimeSeries encountered"),
    (lambda: [gauge(f"m{i}") for i in range(201)], "1 to 200"),
    (lambda: [without(gauge(), "resource", "labels", "task_id")], "Missing labels: (task_id)"),
    (lambda: [gauge(resource={"type": "cloud_run_revision", "labels": {}})],
     "cannot be written to cloud_run_revision"),
    (lambda: [gauge(end=time.time() - 26 * 3600)], "25h10s in the past"),
    (lambda: [gauge(end=time.time() + 600)], "in the future"),
    (lambda: [cumulative(1, 1)], "past"),
    (lambda: [cumulative(time.time(), time.time() - 5)], "start"),
    (lambda: [distribution(count="4")], "sum of bucket_counts"),
    (lambda: [distribution(bucketOptions={"explicitBuckets": {"bounds": [2.0, 1.0]}})],
     "increasing"),
    (lambda: [gauge(metric={"type": "walpulse/lag"})], "prefix"),
    (lambda: [gauge(metric={"type": PREFIX + "lag", "labels": {"a-b": "c"}})], "label key"),
])
def test_monitoring_refuses(monitoring, series, text):
    status, answer = write(monitoring, *series())
    assert status == 400 and text in answer["error"]["message"], answer
    assert not monitoring.series


def test_monitoring_refuses_a_point_out_of_time_and_writes_the_others(monitoring):
    now = time.time()
    assert write(monitoring, gauge(end=now - 30), cumulative(now - 60, now - 30))[0] == 200
    for series, text in [(gauge(end=now - 30), OUT_OF_ORDER), (gauge(end=now - 28), TOO_OFTEN),
                         (cumulative(now - 61, now - 20), OLDER_START),
                         (cumulative(now - 50, now - 20), "new start time")]:
        status, answer = write(monitoring, series, gauge(f"other_{now}"))
        now += 1
        summary = answer["error"]["details"][0]
        assert status == 400 and text in answer["error"]["message"]
        assert (summary["totalPointCount"], summary["successPointCount"]) == (2, 1)
    assert write(monitoring, cumulative(time.time() - 10, time.time() - 4))[0] == 200


def test_monitoring_keeps_the_kind_of_a_descriptor(monitoring):
    url = f"{monitoring.url}/v3/projects/walpulse-local/metricDescriptors"
    descriptor = {"type": PREFIX + "lag", "metricKind": "CUMULATIVE", "valueType": "INT64",
                  "unit": "1", "labels": [{"key": "pipeline"}]}
    assert call(url, descriptor)[0] == 200
    assert call(url, {**descriptor, "metricKind": "GAUGE"})[0] == 400
    assert call(url, {**descriptor, "unknown": 1})[0] == 400
    status, answer = write(monitoring, gauge())
    assert status == 400 and "CUMULATIVE" in answer["error"]["message"]


def test_monitoring_wants_the_metadata_servers_token():
    with MetadataServer() as metadata, CloudMonitoring(token=metadata.token) as monitoring:
        assert write(monitoring, gauge())[0] == 401
        url = metadata.url + "/computeMetadata/v1/instance/service-accounts/default/token"
        token = call(url, headers={"Metadata-Flavor": "Google"})[1]["access_token"]
        assert call(f"{monitoring.url}/v3/projects/walpulse-local/timeSeries",
                    {"timeSeries": [gauge()]}, {"Authorization": f"Bearer {token}"})[0] == 200


@pytest.mark.parametrize("messages, text", [
    ([], "0 messages"),
    ([{"data": "YQ=="}] * 1001, "1001 messages"),
    ([{"data": "YQ==", "orderingKey": "a"}, {"data": "YQ=="}], "one ordering key"),
    ([{"data": "YQ==", "extra": 1}], "extra"),
    ([{"data": ""}], "without data"),
    ([{"data": "YQ==", "messageId": "1"}], "messageId"),
    ([{"attributes": {"googclient": "1"}}], "goog"),
    ([{"attributes": {"a": "x" * 1025}}], "limit"),
    ([{"attributes": {f"a{i}": "x" for i in range(101)}}], "100 attributes"),
    ([{"data": "YQ==" * 2_500_000}], "10 MB"),
])
def test_pubsub_rules_refuse(messages, text):
    with pytest.raises(Exception, match=text):
        check_publish(json.dumps({"messages": messages}).encode())


def test_pubsub_rules_pass_a_publish_on_to_the_emulator(emulator, topic):
    name, _ = topic
    emulator.create_subscription(f"{name}-sub", name)
    with PubsubRules(emulator) as rules:
        url = f"{rules.url}/v1/projects/walpulse-local/topics/{name}:publish"
        assert call(url, {"messages": [{"data": "aGk=", "orderingKey": "k"}]})[0] == 200
        assert rules.batches == [("k", [None])] and not rules.violations
        rules.fail_with(503, 1)
        assert call(url, {"messages": [{"data": "aGk="}]})[0] == 503
    assert [message["data"] for message in emulator.pull(f"{name}-sub")] == [b"hi"]


def test_a_bad_order_holds_everything_twice_and_the_seed_decides_it():
    order = chaos_delivery.bad_order(1000, seed=1)
    assert sorted(order) == sorted(list(range(1000)) * 2)
    assert order == chaos_delivery.bad_order(1000, seed=1) != chaos_delivery.bad_order(1000, seed=2)
    assert order != sorted(order)
