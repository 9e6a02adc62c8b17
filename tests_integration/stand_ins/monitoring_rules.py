"""What Cloud Monitoring demands of a point, with the texts in which it refuses.

Sources: google/monitoring/v3/metric_service.proto and common.proto, google/api/distribution.proto,
cloud.google.com/monitoring/quotas, and refusals quoted in public issue trackers.
"""
import re

from google.api import metric_pb2

KINDS = metric_pb2.MetricDescriptor.MetricKind
TYPES = metric_pb2.MetricDescriptor.ValueType
PREFIXES = ("custom.googleapis.com/", "workload.googleapis.com/", "external.googleapis.com/")
LABEL_KEY = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*$")
RESOURCE_LABELS = {
    "generic_task": {"location", "namespace", "job", "task_id"},
    "generic_node": {"location", "namespace", "node_id"},
    "global": set(),
}
VALUE_TYPES = {"bool_value": TYPES.BOOL, "int64_value": TYPES.INT64, "double_value": TYPES.DOUBLE,
               "string_value": TYPES.STRING, "distribution_value": TYPES.DISTRIBUTION}
SECONDS_BETWEEN_POINTS = 5
PAST_SECONDS_MAX = 25 * 3600 + 10
FUTURE_SECONDS_MAX = 5 * 60


class Refused(Exception):
    """A whole request that Google would answer with 400."""


def check_labels(labels, where):
    for key, value in labels.items():
        if not LABEL_KEY.match(key) or len(key) > 100:
            raise Refused(f"Field {where} had an invalid value: label key \"{key}\" is invalid.")
        if len(value.encode()) > 1024:
            raise Refused(f"Field {where} had an invalid value: the value of label \"{key}\" is "
                          "longer than 1024 bytes.")


def check_resource(resource, project):
    if resource.type not in RESOURCE_LABELS:
        raise Refused(f"Metrics cannot be written to {resource.type}. See https://cloud.google.com/"
                      "monitoring/custom-metrics/creating-metrics#which-resource for a list of "
                      "writable resource types.")
    wanted = RESOURCE_LABELS[resource.type]
    missing = sorted(wanted - set(resource.labels))
    if missing:
        raise Refused("The set of resource labels is incomplete. Missing labels: "
                      f"({' '.join(missing)}).")
    unknown = set(resource.labels) - wanted - {"project_id"}
    if unknown:
        raise Refused(f"unrecognized resource label {sorted(unknown)[0]}")
    if resource.labels.get("project_id", project) != project:
        raise Refused("project_id of the resource is another project")


def check_descriptor(descriptor):
    if not descriptor.type.startswith(PREFIXES):
        raise Refused(f"metric type {descriptor.type} has a prefix that cannot be written")
    if descriptor.metric_kind not in (KINDS.GAUGE, KINDS.CUMULATIVE):
        raise Refused("metricKind must be GAUGE or CUMULATIVE for user-defined metrics")
    if descriptor.value_type == TYPES.VALUE_TYPE_UNSPECIFIED:
        raise Refused("valueType is missing")
    if (descriptor.value_type in (TYPES.BOOL, TYPES.STRING)
            and descriptor.metric_kind != KINDS.GAUGE):
        raise Refused("BOOL and STRING metrics must be GAUGE")
    if len(descriptor.labels) > 30:
        raise Refused("more than 30 labels")
    check_labels({label.key: "" for label in descriptor.labels}, "labels")


def check_interval(point, cumulative, where, now):
    """Returns (start, end) in seconds; a gauge's start is its end."""
    interval = point.interval
    if not interval.HasField("end_time"):
        raise Refused(f"Field {where}.points[0].interval.end_time had an invalid value: missing.")
    end = seconds(interval.end_time)
    start = seconds(interval.start_time) if interval.HasField("start_time") else None
    text = interval.end_time.ToJsonString()
    if now - end > PAST_SECONDS_MAX:
        raise Refused(f"Field {where}.points[0].interval.end_time had an invalid value of "
                      f"\"{text}\": Data points cannot be written more than approximately 24 hours "
                      "in the past, specifically no more than 25h10s in the past.")
    if end - now > FUTURE_SECONDS_MAX:
        raise Refused(f"Field {where}.points[0].interval.end_time had an invalid value of "
                      f"\"{text}\": Data points cannot be written more than 5m in the future.")
    if cumulative and (start is None or start >= end):
        raise Refused(f"Field {where}.points[0].interval.start_time had an invalid value: the start "
                      f"time must be before the end time ({text}) for the non-gauge metric.")
    if not cumulative and start is not None and start != end:
        raise Refused(f"Field {where}.points[0].interval.start_time had an invalid value: the start "
                      f"time must equal the end time ({text}) for the gauge metric.")
    return (end if start is None else start), end


def check_distribution(distribution, where):
    def refuse(why):
        raise Refused(f"Field {where}.points[0].value.distributionValue had an invalid value: {why}")

    counts = list(distribution.bucket_counts)
    options = distribution.bucket_options
    if counts and sum(counts) != distribution.count:
        refuse("the sum of bucket_counts is not count")
    if counts and options.WhichOneof("options") is None:
        refuse("bucket_counts without bucket_options")
    if options.WhichOneof("options") == "explicit_buckets":
        bounds = list(options.explicit_buckets.bounds)
        if any(a >= b for a, b in zip(bounds, bounds[1:])) or not bounds:
            refuse("bounds are not strictly increasing")
        if len(counts) > len(bounds) + 1 or len(bounds) + 1 > 200:
            refuse("too many buckets")
    if distribution.count == 0 and (distribution.mean != 0
                                    or distribution.sum_of_squared_deviation != 0):
        refuse("mean and sum_of_squared_deviation must be 0 where count is 0")
    if distribution.count < 0 or min(counts, default=0) < 0:
        refuse("a negative count")


def seconds(timestamp):
    return timestamp.seconds + timestamp.nanos / 1e9
