#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include "decoder/base/utf8.h"
#include "decoder/schema/label_name.h"
#include "publisher/telemetry/metric.h"

/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
namespace walpulse::telemetry {
namespace {

std::string metric_name(const Descriptor& descriptor) {
  std::string name = "walpulse_";
  for (const char c : descriptor.name) name += c == '/' ? '_' : c;
  if (descriptor.type == Descriptor::ValueType::distribution) {
    if (descriptor.unit == "s" && !name.ends_with("_seconds")) name += "_seconds";
    if (descriptor.unit == "By" && !name.ends_with("_bytes")) name += "_bytes";
  } else if (descriptor.kind == Descriptor::Kind::cumulative) {
    name += "_total";
  }
  return name;
}

void append_escaped(std::string_view text, bool quotes, std::string& out) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

void append_number(double value, std::string& out) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    out.append(text.data(), end);
  }
}

void append_number(std::int64_t value, std::string& out) { out += std::to_string(value); }
void append_number(std::uint64_t value, std::string& out) { out += std::to_string(value); }

void append_label(std::string_view name, std::string_view value, std::string& out) {
  out += out.back() == '{' ? "" : ",";
  out += name;
  out += "=\"";
  append_escaped(value, true, out);
  out += '"';
}

bool is_fit(const Labels& labels) {
  return std::ranges::all_of(labels, [](const auto& label) {
    return schema::is_label_name(label.first) && is_utf8(label.second);
  });
}

/// Earlier builds let names and bytes into their ledgers for which a scrape is refused whole. Of
/// two names that become one the first counts: a label twice is no sample.
Labels fit(const Labels& labels) {
  Labels fit;
  for (const auto& [name, value] : labels)
    fit.emplace(schema::label_name_of(name), utf8_or_replaced(value));
  return fit;
}

void append_labels(const Point& point, const double* upper_bound, std::string& out) {
  if (point.labels.empty() && point.source.empty() && upper_bound == nullptr) return;
  out += '{';
  if (!point.source.empty()) append_label("source", utf8_or_replaced(point.source), out);
  if (is_fit(point.labels)) {
    for (const auto& [name, value] : point.labels) append_label(name, value, out);
  } else {
    for (const auto& [name, value] : fit(point.labels)) append_label(name, value, out);
  }
  if (upper_bound != nullptr) {
    std::string bound;
    append_number(*upper_bound, bound);
    append_label("le", bound, out);
  }
  out += '}';
}

template <class Value>
void append_sample(std::string_view name, std::string_view suffix, const Point& point,
                   const double* upper_bound, Value value, std::string& out) {
  out += name;
  out += suffix;
  append_labels(point, upper_bound, out);
  out += ' ';
  append_number(value, out);
  out += '\n';
}

void append_histogram(std::string_view name, const Point& point, const Distribution& distribution,
                      std::string& out) {
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < distribution.bounds.size(); ++i) {
    cumulative += i < distribution.counts.size() ? distribution.counts[i] : 0;
    append_sample(name, "_bucket", point, &distribution.bounds[i], cumulative, out);
  }
  const double infinity = HUGE_VAL;
  append_sample(name, "_bucket", point, &infinity, distribution.count(), out);
  append_sample(name, "_sum", point, nullptr, distribution.sum, out);
  append_sample(name, "_count", point, nullptr, distribution.count(), out);
}

void append_metric(const Metric& metric, std::string& out) {
  const Descriptor& descriptor = *metric.descriptor;
  const bool histogram = descriptor.type == Descriptor::ValueType::distribution;
  const bool counter = descriptor.kind == Descriptor::Kind::cumulative;
  const std::string name = metric_name(descriptor);
  out += "# HELP " + name + ' ';
  append_escaped(descriptor.help, false, out);
  out += "\n# TYPE " + name + (histogram ? " histogram\n" : counter ? " counter\n" : " gauge\n");
  for (const Point& point : metric.points) {
    if (const auto* distribution = std::get_if<Distribution>(&point.value)) {
      append_histogram(name, point, *distribution, out);
    } else if (const auto* number = std::get_if<double>(&point.value)) {
      append_sample(name, "", point, nullptr, *number, out);
    } else {
      append_sample(name, "", point, nullptr, std::get<std::int64_t>(point.value), out);
    }
  }
}

}  // namespace

std::string prometheus_text(const MetricFamilies& snapshot) {
  std::string out;
  for (const Metric& metric : snapshot.metrics) append_metric(metric, out);
  return out;
}

}  // namespace walpulse::telemetry
