"""A stand-in for Cloud Monitoring, for which no emulator exists: it takes what Google takes and
refuses what Google refuses, and lets a test read the points.

Bodies are parsed with Google's published protos, strictly: an unknown field is a 400.
"""
import dataclasses
import json
import re
import threading
import time
from urllib.parse import parse_qs

from google.api import metric_pb2
from google.cloud import monitoring_v3
from google.protobuf import json_format

from stand_ins import monitoring_rules as rules
from stand_ins.http_stand_in import HttpStandIn
from stand_ins.monitoring_rules import KINDS, Refused

SUMMARY = "type.googleapis.com/google.monitoring.v3.CreateTimeSeriesSummary"
NOT_WRITTEN = "One or more TimeSeries could not be written: "
OUT_OF_ORDER = ("Points must be written in order. One or more of the points specified had an older "
                "end time than the most recent point.")
OLDER_START = ("Points must be written in order. One or more of the points specified had an older "
               "start time than the most recent point.")
TOO_OFTEN = ("One or more points were written more frequently than the maximum sampling period "
             "configured for the metric.")


@dataclasses.dataclass
class Point:
    start: float  # seconds of the Unix clock; a gauge's is its end
    end: float
    value: object  # int, float, bool, or a Distribution proto


@dataclasses.dataclass
class Series:
    type: str
    labels: dict
    resource: dict
    points: list = dataclasses.field(default_factory=list)


class CloudMonitoring(HttpStandIn):
    """`token`: what callers must bring as a bearer; None lets everybody in."""

    def __init__(self, project="walpulse-local", token=None):
        self.project, self.token = project, token
        self.series = {}       # by (type, labels, resource)
        self.descriptors = {}  # MetricDescriptor by type
        self.created = []      # types for which metricDescriptors.create was called
        self.refusals = []     # texts
        self.requests = []     # how many series each timeSeries.create had
        self.failures = []     # statuses still to answer timeSeries.create with
        self.denied = set()    # permissions that the caller lacks
        self.refuse_once = set()  # metric names of which one point is refused as out of order
        self.lock = threading.Lock()
        super().__init__()

    def fail_with(self, status, times=1):
        """Answers so many timeSeries.create with a status, before anything is looked at."""
        with self.lock:
            self.failures += [status] * times

    def points_of(self, name, **labels):
        """[(labels, [Point])] of every series of the metric `.../name` that has these labels."""
        with self.lock:
            return [(series.labels, list(series.points)) for series in self.series.values()
                    if series.type.endswith("/" + name)
                    and set(labels.items()) <= set(series.labels.items())]

    def latest(self):
        """{(name below the prefix .../walpulse/, frozenset of labels): the newest value}."""
        with self.lock:
            return {(series.type.split("/walpulse/", 1)[-1], frozenset(series.labels.items())):
                    series.points[-1].value for series in self.series.values()}

    def answer(self, method, path, headers, body):
        with self.lock:
            try:
                if self.failures and path.endswith("/timeSeries"):
                    return reply(self.failures.pop(0), "UNAVAILABLE",
                                 "Internal error encountered. Please retry after a few seconds.")
                if self.token and headers.get("Authorization") != f"Bearer {self.token}":
                    return reply(401, "UNAUTHENTICATED", "invalid authentication credentials")
                path, _, query = path.partition("?")
                calls = {("POST", "timeSeries", "create"): self._create_time_series,
                         ("POST", "metricDescriptors", "create"): self._create_descriptor,
                         ("GET", "metricDescriptors", "list"): lambda _: self._list(query)}
                for (verb, collection, what), call in calls.items():
                    if (method, path) != (verb, f"/v3/projects/{self.project}/{collection}"):
                        continue
                    permission = f"monitoring.{collection}.{what}"
                    if permission in self.denied:
                        return reply(403, "PERMISSION_DENIED", f"Permission {permission} denied "
                                     "(or the resource may not exist).")
                    return call(body)
                return reply(404, "NOT_FOUND", f"no such method: {method} {path}")
            except (Refused, json_format.ParseError) as refusal:
                self.refusals.append(str(refusal))
                return reply(400, "INVALID_ARGUMENT", str(refusal))

    def _list(self, query):
        wanted = re.fullmatch(r'metric\.type = starts_with\("([^"]*)"\)',
                              parse_qs(query)["filter"][0])
        if not wanted:
            raise Refused(f"Field filter had an invalid value: {query}")
        found = [json_format.MessageToDict(one) for kind, one in self.descriptors.items()
                 if kind.startswith(wanted[1])]
        return 200, JSON, json.dumps({"metricDescriptors": found} if found else {}).encode()

    def _create_descriptor(self, body):
        descriptor = json_format.Parse(body, metric_pb2.MetricDescriptor())
        rules.check_descriptor(descriptor)
        known = self.descriptors.get(descriptor.type)
        if known and (known.metric_kind, known.value_type) != (descriptor.metric_kind,
                                                               descriptor.value_type):
            raise Refused(f"metric {descriptor.type} exists with another kind or value type")
        descriptor.name = f"projects/{self.project}/metricDescriptors/{descriptor.type}"
        self.descriptors[descriptor.type] = descriptor
        self.created.append(descriptor.type)
        return 200, JSON, json_format.MessageToJson(descriptor).encode()

    def _create_time_series(self, body):
        request = json_format.Parse(body, monitoring_v3.CreateTimeSeriesRequest.pb()())
        if not 1 <= len(request.time_series) <= 200:
            raise Refused(f"Field timeSeries had an invalid value: {len(request.time_series)} "
                          "time series; 1 to 200 are allowed.")
        checked, seen, now = [], set(), time.time()
        for index, sent in enumerate(request.time_series):
            where = f"timeSeries[{index}]"
            key, point = self._check(sent, where, now)
            if key in seen:
                raise Refused(f"Field {where} had an invalid value: Duplicate TimeSeries "
                              "encountered. Only one point can be written per TimeSeries per "
                              "request.")
            seen.add(key)
            checked.append((where, key, sent, point))
        self.requests.append(len(checked))
        errors = {}
        for where, key, sent, point in checked:
            refusal = self._append(key, sent, point)
            if refusal:
                errors.setdefault(refusal, []).append(where)
        return self._partial(errors, len(checked)) if errors else (200, JSON, b"{}")

    # The key of the series, and its point, once nothing but time can speak against it.
    def _check(self, sent, where, now):
        if len(sent.points) != 1:
            raise Refused(f"Field {where}.points had an invalid value: exactly one point is "
                          "wanted.")
        rules.check_resource(sent.resource, self.project)
        rules.check_labels(sent.metric.labels, f"{where}.metric.labels")
        oneof = sent.points[0].value.WhichOneof("value")
        if oneof is None:
            raise Refused(f"Field {where}.points[0].value had an invalid value: missing.")
        if sent.value_type not in (0, rules.VALUE_TYPES[oneof]):
            raise Refused(f"Field {where}.valueType had an invalid value: the point holds another.")
        descriptor = self._descriptor_for(sent, rules.VALUE_TYPES[oneof], where)
        start, end = rules.check_interval(
            sent.points[0], descriptor.metric_kind == KINDS.CUMULATIVE, where, now)
        value = getattr(sent.points[0].value, oneof)
        if oneof == "distribution_value":
            rules.check_distribution(value, where)
        key = (sent.metric.type, frozenset(sent.metric.labels.items()),
               frozenset(sent.resource.labels.items()))
        return key, Point(start, end, value)

    def _descriptor_for(self, sent, value_type, where):
        descriptor = self.descriptors.get(sent.metric.type)
        if descriptor is None:  # Google makes one of the first point
            descriptor = metric_pb2.MetricDescriptor(
                type=sent.metric.type, metric_kind=sent.metric_kind or KINDS.GAUGE,
                value_type=value_type)
            rules.check_descriptor(descriptor)
            self.descriptors[sent.metric.type] = descriptor
        if sent.metric_kind not in (0, descriptor.metric_kind):
            raise Refused(f"Field {where}.metricKind had an invalid value: the descriptor's is "
                          f"{rules.KINDS.Name(descriptor.metric_kind)}.")
        if value_type != descriptor.value_type:
            raise Refused(f"Field {where}.valueType had an invalid value: the descriptor's is "
                          f"{rules.TYPES.Name(descriptor.value_type)}.")
        known = {label.key for label in descriptor.labels}
        for name in sorted(set(sent.metric.labels) - known):
            descriptor.labels.add(key=name)
        if len(descriptor.labels) > 30:
            raise Refused(f"Field {where}.metric had an invalid value: more than 30 labels.")
        return descriptor

    # The refusal's text, or None once the point is part of its series.
    def _append(self, key, sent, point):
        name = sent.metric.type.rsplit("/", 1)[1]
        if name in self.refuse_once:
            self.refuse_once.remove(name)
            return OUT_OF_ORDER
        series = self.series.get(key)
        if series is None:
            series = self.series[key] = Series(sent.metric.type, dict(sent.metric.labels),
                                               dict(sent.resource.labels))
        if series.points:
            last = series.points[-1]
            if point.end <= last.end:
                return OUT_OF_ORDER
            if point.end - last.end < rules.SECONDS_BETWEEN_POINTS:
                return TOO_OFTEN
            if point.start < point.end:  # cumulative: the same interval, or one after it
                if point.start < last.start:
                    return OLDER_START
                if last.start < point.start < last.end + 0.001:
                    return ("The new start time must be at least a millisecond after the end time "
                            "of the previous interval.")
        series.points.append(point)
        return None

    def _partial(self, errors, total):
        failed = sum(map(len, errors.values()))
        text = NOT_WRITTEN + "; ".join(f"{why}: {', '.join(where)}" for why, where in errors.items())
        self.refusals.append(text)
        summary = {"@type": SUMMARY, "totalPointCount": total,
                   "errors": [{"status": {"code": 3, "message": why}, "pointCount": len(where)}
                              for why, where in errors.items()]}
        if total > failed:
            summary["successPointCount"] = total - failed
        return reply(400, "INVALID_ARGUMENT", text, [summary])


JSON = {"Content-Type": "application/json; charset=UTF-8"}


def reply(code, status, message, details=()):
    error = {"code": code, "status": status, "message": message}
    if details:
        error["details"] = list(details)
    return code, JSON, json.dumps({"error": error}).encode()
