#include "monitor/rules/value_readers.h"

#include <algorithm>
#include <utility>

#include "monitor/rules/mistake.h"
#include "publisher/config/nearest.h"
#include "publisher/config/values.h"

namespace walpulse::rules {
namespace {

constexpr std::int64_t kFailAfterMax = 1'000;
constexpr Duration kLongest = std::chrono::hours(24 * 366);
constexpr std::size_t kNamesMax = 1'000;
constexpr std::size_t kNameMax = 256;
constexpr std::size_t kPerMax = 8;

tl::unexpected<Error> refuse_value(std::string why) {
  return fail(ErrorKind::malformed, std::move(why));
}

tl::unexpected<Error> wrong_kind(const Node& node, const std::string& wanted) {
  return refuse_value("is " + std::string(kind_of(node)) + " and should be " + wanted);
}

}  // namespace

std::string listed(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

Result<std::size_t> read_choice(const Node& node, std::span<const std::string_view> words) {
  if (node.kind != Node::Kind::text) return wrong_kind(node, listed(words) + ", in quotes");
  const auto found = std::ranges::find(words, node.text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  const std::string meant(config::nearest(node.text, words));
  return refuse_value(in_quotes(node.text) + " is not " + listed(words) +
                      (meant.empty() ? "" : "; did you mean " + meant + "?"));
}

Result<Names> read_names(const Node& node, std::size_t most) {
  auto names = read_texts(node);
  if (!names) return names;
  if (names->size() > most) return refuse_value("has more than " + std::to_string(most) + " names");
  Names sorted = *names;
  std::ranges::sort(sorted);
  const auto twice = std::ranges::adjacent_find(sorted);
  if (twice != sorted.end()) return refuse_value("names " + in_quotes(*twice) + " twice");
  for (const std::string& name : *names) {
    if (name.empty()) return refuse_value("has an empty name");
    if (name.size() > kNameMax) return refuse_value(in_quotes(name) + " is longer than 256 bytes");
  }
  return names;
}

Result<std::string> read_text(const Node& node) {
  if (node.kind != Node::Kind::text) return wrong_kind(node, "a text in quotes");
  if (node.text.empty()) return refuse_value("is empty");
  if (node.text.size() > TextTemplate::kBytesMax) return refuse_value("is longer than 1024 bytes");
  if (std::ranges::any_of(node.text, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    return refuse_value("has a line end or another control character");
  }
  return node.text;
}

Result<Value> read_severity(const Node& node) {
  if (is_off(node)) return refuse_value("'off': a problem has a severity; record is never told");
  const auto chosen = read_choice(node, monitor::kSeverityNames);
  if (!chosen) return forward(chosen);
  return Value(static_cast<Severity>(*chosen));
}

Result<Value> read_run_mode(const Node& node) {
  if (is_off(node)) return Value(Off());
  const auto chosen = read_choice(node, kRunModes);
  if (!chosen) return forward(chosen);
  return Value(static_cast<RunMode>(*chosen));
}

Result<Value> read_switch(const Node& node) {
  if (node.kind != Node::Kind::boolean) return wrong_kind(node, "true or false, without quotes");
  return Value(node.on);
}

Result<Value> read_count(const Node& node) {
  if (is_off(node)) return Value(Off());
  if (node.kind != Node::Kind::number) return wrong_kind(node, "a number without quotes");
  if (node.number < 1 || node.number > kFailAfterMax) {
    return refuse_value(std::to_string(node.number) + " is not from 1 to " +
                        std::to_string(kFailAfterMax));
  }
  return Value(static_cast<unsigned>(node.number));
}

Result<Value> read_time_span(const Node& node) {
  if (is_off(node)) return Value(Off());
  if (node.kind != Node::Kind::text) {
    return wrong_kind(node, "a time with its unit (ms, s, m, h or d), in quotes");
  }
  const auto duration = config::parse_duration(node.text);
  if (!duration) {
    return refuse_value(in_quotes(node.text) + " is not a time with its unit (ms, s, m, h or d)");
  }
  if (*duration <= Duration::zero()) return refuse_value("must be longer than 0; off ends it");
  if (*duration > kLongest) return refuse_value(in_quotes(node.text) + " is longer than 366d");
  return Value(*duration);
}

Result<Value> read_done_by(const Node& node) {
  if (is_off(node)) return Value(Off());
  const auto texts = read_texts(node);
  if (!texts) return forward(texts);
  auto times = WeeklyTimes::read(*texts);
  if (!times) return forward(times);
  return Value(*std::move(times));
}

Result<Value> read_template(const Node& node) {
  if (is_off(node)) return Value(Off());
  if (node.kind != Node::Kind::text) return wrong_kind(node, "a text in quotes");
  auto text = TextTemplate::read(node.text);
  if (!text) return forward(text);
  return Value(*std::move(text));
}

Result<Value> read_runbook(const Node& node) {
  if (is_off(node)) return Value(Off());
  if (node.kind != Node::Kind::text) return wrong_kind(node, "an address in quotes");
  auto text = TextTemplate::read_address(node.text);
  if (!text) return forward(text);
  return Value(*std::move(text));
}

Result<Value> read_per(const Node& node) {
  if (is_off(node)) return Value(Off());
  auto names = read_names(node, kPerMax);
  if (!names) return forward(names);
  for (const std::string& name : *names) {
    if (name == "pipeline") return refuse_value("'pipeline': failures always belong to a pipeline");
    if (is_name(name)) continue;
    return refuse_value(in_quotes(name) +
                        " cannot be a label (letters, digits and _), and is not trigger");
  }
  return Value(*std::move(names));
}

Result<Value> read_each(const Node& node) {
  if (is_off(node)) return Value(Off());
  auto names = read_names(node, kNamesMax);
  if (!names) return forward(names);
  return Value(*std::move(names));
}

bool is_off(const Node& node) { return node.kind == Node::Kind::text && node.text == kOff; }

Result<std::vector<std::string>> read_texts(const Node& node) {
  if (node.kind == Node::Kind::text) return std::vector{node.text};
  if (node.kind != Node::Kind::list) return wrong_kind(node, "a text in quotes, or a list of them");
  if (node.items.empty()) return refuse_value("the list is empty");
  std::vector<std::string> texts;
  for (const Node& item : node.items) {
    if (item.kind != Node::Kind::text) {
      return refuse_value("the list holds " + std::string(kind_of(item)) +
                          " and should hold texts in quotes");
    }
    texts.push_back(item.text);
  }
  return texts;
}

std::string_view kind_of(const Node& node) {
  switch (node.kind) {
    case Node::Kind::text:
      return "a text";
    case Node::Kind::number:
      return "a number";
    case Node::Kind::boolean:
      return "true or false";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::table:
      return "a table";
    case Node::Kind::other:
      break;
  }
  return "a date, a time or a number with a point";
}

}  // namespace walpulse::rules
