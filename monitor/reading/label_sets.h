#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "monitor/ledger/stores/runs.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor::reading {

/// The sets of labels that a pipeline's runs have, each once, by their bytes.
using LabelSets = std::map<std::string, telemetry::Labels>;
/// So many are kept; those that come later are not found by their labels.
inline constexpr std::size_t kLabelSetsMax = 1'000;

/// `known` with the sets of `ends`: the same object where they bring nothing new. Null is none.
std::shared_ptr<const LabelSets> with_labels(std::shared_ptr<const LabelSets> known,
                                             std::span<const RunEnd> ends);

/// Whether one of the sets has all of these.
bool has_set(const LabelSets* sets, const telemetry::Labels& wanted);

/// The labels whose "name=value" has the text in it, whatever the case, each once; at most
/// `count_max`.
std::vector<std::pair<std::string, std::string>> labels_with(const LabelSets* sets,
                                                             std::string_view text,
                                                             std::size_t count_max);
bool labels_have(const telemetry::Labels& labels, std::string_view text);

/// Whether `text` is in `name`, whatever the case of ASCII letters.
bool contains_text(std::string_view name, std::string_view text);

}  // namespace walpulse::monitor::reading
