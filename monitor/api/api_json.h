#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "decoder/base/timestamp.h"
#include "monitor/ledger/application/failure_cause.h"
#include "monitor/reading/channel_view.h"
#include "monitor/reading/pipeline_detail.h"
#include "monitor/reading/problem_view.h"
#include "monitor/reading/run_view.h"
#include "monitor/reading/source_view.h"
#include "monitor/rules/routes.h"

/// What is read, as openapi.yaml has it. The names of members are the contract.
namespace walpulse::monitor::api {

using Json = nlohmann::ordered_json;

/// Addresses of things, here and in Mage.
class Links {
 public:
  /// Empty: nobody said where Mage is.
  explicit Links(std::string mage_url);

  static std::string id(const std::string& source, const std::string& name);
  static std::string id(const std::string& source, std::int64_t number);
  static std::string url(std::string_view kind, const std::string& id);

  Json mage() const;
  Json mage_pipeline(const std::string& pipeline) const;
  Json mage_run(const std::string& pipeline, std::int64_t run) const;
  Json mage_logs(const std::string& pipeline, std::int64_t run) const;
  Json mage_trigger(const std::string& pipeline, std::int64_t trigger) const;
  /// How a run that Mage never ends is ended.
  std::string ending(std::int64_t run) const;

 private:
  Json mage_path(const std::string& path) const;
  std::string mage_url_;
};

/// RFC 3339; null for what is unknown or infinite.
Json instant(const std::optional<Timestamp>& at);
/// Null for an empty text.
Json text_or_null(const std::string& text);
/// To the millisecond.
Json seconds_or_null(const std::optional<double>& seconds);
Json labels_json(const telemetry::Labels& labels);
/// Null where the id is none.
Json trigger_ref(const std::string& source, const std::optional<std::int64_t>& id,
                 const std::string& name);
Json pipeline_ref(const Links& links, const std::string& source, const std::string& pipeline);

Json json_of(const Failure& failure);
/// A run as JSON's text: lists have many of them, and a tree of each costs more than all else.
std::string text_of(const Links& links, const reading::RunView& run);
Json json_of(const Links& links, const reading::RunView& run);
Json json_of(const Links& links, const reading::TriggerSummary& trigger,
             const reading::Directory& directory);
Json json_of(const Links& links, const reading::ProblemView& problem);
/// With so many of the last ends.
Json json_of(const Links& links, const reading::PipelineEntry& entry, std::size_t ends_max);
Json json_of(const RunStep& step);
Json json_of(const KnownBlock& block);
Json json_of(const Mute& mute, Timestamp now);
/// Without what it says.
Json json_of(const Delivery& delivery);
Json json_of(const reading::ChannelView& channel);
/// Where a problem is told, and which table of the rules says so.
Json json_of(const rules::Rules& rules, const rules::Told& told);
/// The newest first, at most `count_max`.
Json end_marks(const std::vector<RunEnd>& ends, std::size_t count_max);
Json end_json(const RunEnd& end);
Json json_of(const std::optional<reading::SnapshotView>& snapshot);
Json json_of(const reading::ConnectorView& connector);
Json json_of(const reading::TableView& table);

}  // namespace walpulse::monitor::api
