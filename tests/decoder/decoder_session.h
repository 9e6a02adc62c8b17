#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "decoder/pgoutput/event_decoder.h"
#include "decoder/schema/event_json.h"
#include "tests/decoder/pgoutput_builder.h"

namespace walpulse::decoder {

inline constexpr std::uint32_t kRuns = 16384;  ///< OID of public.pipeline_run.
inline constexpr std::uint32_t kOther = 16999;
inline constexpr std::uint64_t kCommitLsn = 24023200;
/// 2025-11-20 22:05:32.907123 UTC, as the server counts.
inline constexpr std::int64_t kCommitTime = 816991532907123;

inline EventDecoderOptions run_options() {
  EventDecoderOptions options;
  options.source = {"mage", "mage-db"};
  options.epoch = 1763600000;
  options.tables.emplace_back();
  options.tables.front().oid = Oid{kRuns};
  options.tables.front().name = {"public", "pipeline_run"};
  options.base_type = [](Oid type) { return std::optional(type); };
  return options;
}

/// id, status, variables (json).
inline std::string runs_relation(char identity = 'd') {
  const bool full = identity == 'f';
  return pgoutput::relation(kRuns, "public", "pipeline_run", identity,
                            {{"id", 23, true}, {"status", 25, full}, {"variables", 114, full}});
}

/// A decoder and the shorthand to feed it.
struct DecoderSession {
  explicit DecoderSession(EventDecoderOptions options = run_options())
      : decoder(std::move(options)) {}

  Result<EventDecoder::Step> feed(std::string given) {
    message = std::move(given);
    return decoder.feed(Lsn{24023128}, pgoutput::bytes(message));
  }
  void begin(std::string relation = runs_relation()) {
    ASSERT_TRUE(feed(pgoutput::begin(kCommitLsn, kCommitTime, 771)));
    ASSERT_TRUE(feed(std::move(relation)));
  }
  /// The event that the message became; null where it became none.
  schema::ChangeEvent* event(std::string given) {
    const Result<EventDecoder::Step> step = feed(std::move(given));
    EXPECT_TRUE(step) << (step ? "" : step.error().message);
    auto* const* found = step ? std::get_if<schema::ChangeEvent*>(&*step) : nullptr;
    return found != nullptr ? *found : nullptr;
  }
  /// The JSON up to the source: what the rows hold.
  static std::string rows_of(const schema::ChangeEvent* event) {
    if (event == nullptr) return "(no event)";
    std::string json;
    schema::append_json(*event, json);
    const std::size_t from = json.find("\"before\"");
    return json.substr(from, json.find(",\"source\"") - from);
  }
  std::string rows(std::string given) { return rows_of(event(std::move(given))); }
  std::string refusal(std::string given) {
    const Result<EventDecoder::Step> step = feed(std::move(given));
    if (step) return "(taken)";
    EXPECT_EQ(step.error().kind, ErrorKind::malformed);
    return step.error().message;
  }

  EventDecoder decoder;
  std::string message;  ///< The last one: its event borrows from it.
};

}  // namespace walpulse::decoder
