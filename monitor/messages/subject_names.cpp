#include "monitor/messages/subject_names.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace walpulse::monitor::messages {

std::string_view said(const Finding& finding, std::string_view name) {
  const auto found =
      std::ranges::find_if(finding.evidence, [&](const auto& each) { return each.first == name; });
  return found == finding.evidence.end() ? std::string_view() : found->second;
}

std::optional<std::uint64_t> number_said(const Finding& finding, std::string_view name) {
  const std::string_view text = said(finding, name);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Timestamp> time_said(const Finding& finding, std::string_view name) {
  const auto time = parse_timestamp(said(finding, name));
  if (!time) return std::nullopt;
  return *time;
}

std::string title_within(ProblemKind kind) {
  std::string title(title_of(kind));
  title[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(title[0])));
  return title;
}

std::string pipeline_of(const Finding& finding) {
  const std::string_view pipeline = said(finding, "pipeline");
  return pipeline.empty() ? finding.key.subject : std::string(pipeline);
}

std::string labels_said(const Finding& finding, Details details) {
  constexpr std::string_view kPrefix = "label.";
  std::string text;
  if (details != Details::all) return text;
  for (const auto& [name, value] : finding.evidence) {
    if (!name.starts_with(kPrefix)) continue;
    text += (text.empty() ? "" : ", ") +
            cleaned(std::string_view(name).substr(kPrefix.size()), 40) + ' ' + cleaned(value, 60);
  }
  return text.empty() ? text : cleaned(text, 300);
}

void say_subject(Text& text, const Finding& finding, Details details) {
  const std::string pipeline = pipeline_of(finding);
  if (details == Details::none) {
    text.say_strongly(pipeline.empty() ? "A source" : "A pipeline");
    return;
  }
  text.name(pipeline.empty() ? finding.key.source : pipeline);
  if (const std::string labels = labels_said(finding, details); !labels.empty())
    text.say(" (" + labels + ")");
}

std::string subject_said(const Finding& finding, Details details) {
  Text text;
  say_subject(text, finding, details);
  return plain_text(text.take());
}

}  // namespace walpulse::monitor::messages
