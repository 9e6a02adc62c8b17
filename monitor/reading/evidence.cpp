#include "monitor/reading/evidence.h"

namespace walpulse::monitor::reading {
namespace {

const std::string kNothing;
constexpr std::string_view kLabelPrefix = "label.";

}  // namespace

const std::string& evidence_of(const Finding& finding, std::string_view name) {
  for (const auto& [key, value] : finding.evidence)
    if (key == name) return value;
  return kNothing;
}

telemetry::Labels labels_of(const Finding& finding) {
  telemetry::Labels labels;
  for (const auto& [name, value] : finding.evidence)
    if (name.starts_with(kLabelPrefix)) labels.emplace(name.substr(kLabelPrefix.size()), value);
  return labels;
}

}  // namespace walpulse::monitor::reading
