#include "monitor/reading/label_sets.h"

#include <algorithm>

#include "monitor/ledger/timeline/label_bytes.h"

namespace walpulse::monitor::reading {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool label_has(const std::string& name, const std::string& value, std::string_view text) {
  return contains_text(name + '=' + value, text);
}

}  // namespace

bool contains_text(std::string_view name, std::string_view text) {
  const auto found = std::search(name.begin(), name.end(), text.begin(), text.end(),
                                 [](char a, char b) { return lower(a) == lower(b); });
  return text.empty() || found != name.end();
}

std::shared_ptr<const LabelSets> with_labels(std::shared_ptr<const LabelSets> known,
                                             std::span<const RunEnd> ends) {
  std::shared_ptr<LabelSets> grown;
  for (const RunEnd& end : ends) {
    const LabelSets* sets = grown ? grown.get() : known.get();
    if (end.labels.empty() || (sets != nullptr && sets->contains(end.labels))) continue;
    if (sets != nullptr && sets->size() >= kLabelSetsMax) break;
    if (!grown) grown = known ? std::make_shared<LabelSets>(*known) : std::make_shared<LabelSets>();
    grown->emplace(end.labels, decode_labels(end.labels).value_or(telemetry::Labels{}));
  }
  if (grown) return grown;
  return known;
}

bool has_set(const LabelSets* sets, const telemetry::Labels& wanted) {
  return sets != nullptr && std::ranges::any_of(*sets, [&](const auto& set) {
           return std::ranges::includes(set.second, wanted);
         });
}

std::vector<std::pair<std::string, std::string>> labels_with(const LabelSets* sets,
                                                             std::string_view text,
                                                             std::size_t count_max) {
  std::vector<std::pair<std::string, std::string>> found;
  if (sets == nullptr) return found;
  for (const auto& [bytes, labels] : *sets)
    for (const auto& [name, value] : labels) {
      if (found.size() == count_max) return found;
      if (!label_has(name, value, text)) continue;
      const std::pair<std::string, std::string> label(name, value);
      if (std::ranges::find(found, label) == found.end()) found.push_back(label);
    }
  return found;
}

bool labels_have(const telemetry::Labels& labels, std::string_view text) {
  return std::ranges::any_of(
      labels, [&](const auto& label) { return label_has(label.first, label.second, text); });
}

}  // namespace walpulse::monitor::reading
