#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <memory>

#include "tests/decoder/decoder_session.h"
#include "tests/decoder/schema/event_reader.h"

namespace walpulse::decoder {
namespace {

using pgoutput::null;
using pgoutput::text;

EventDecoderOptions both_tables() {
  EventDecoderOptions options = run_options();
  options.tables.emplace_back();
  options.tables.back().oid = Oid{kOther};
  options.tables.back().name = {"public", "block_run"};
  return options;
}

std::vector<std::string> session_messages() {
  return {
      pgoutput::begin(kCommitLsn, kCommitTime, 771),
      runs_relation('f'),
      pgoutput::insert(kRuns, {text("1"), text("x"), text(R"({"partner":"acme"})")}),
      pgoutput::update(kRuns, 'O', {text("1"), text("x"), text("{}")},
                       {text("1"), text("y"), pgoutput::unchanged()}),
      pgoutput::update(kRuns, 'K', {text("1"), null(), null()}, {text("2"), null(), null()}),
      pgoutput::remove(kRuns, 'K', {text("2"), null(), null()}),
      pgoutput::relation(kOther, "public", "block_run", 'd', {{"id", 23, true}}),
      pgoutput::insert(kOther, {text("1")}),
      pgoutput::update(kRuns, 'K', {text("2"), null(), null()}, {text("3"), null(), null()}),
      pgoutput::truncate({kRuns, kOther}, 1),
      pgoutput::commit(kCommitLsn, kCommitLsn + 48, kCommitTime),
  };
}

/// Feeds a heap copy of exactly the message's size and reads everything of the event, so that the
/// sanitizer sees every read beyond the message's end.
bool feeds(EventDecoder& decoder, const std::string& message) {
  const auto copy = std::make_unique<std::byte[]>(message.size());
  std::ranges::copy(pgoutput::bytes(message), copy.get());
  const auto step = decoder.feed(Lsn{1}, Bytes(copy.get(), message.size()));
  if (!step) return false;
  auto* const* found = std::get_if<schema::ChangeEvent*>(&*step);
  for (auto* event = found == nullptr ? nullptr : *found; event != nullptr;
       event = decoder.next()) {
    std::string json;
    schema::append_json(*event, json);
    RC_ASSERT(schema::parse_event(json).has_value());
  }
  return true;
}

TEST(EventDecoderProperty, MutatedSessionsAreReadWithinTheirBounds) {
  const std::vector<std::string> messages = session_messages();
  EXPECT_TRUE(rc::check([&] {
    EventDecoderOptions options = both_tables();
    options.tables.front().labels = {{"partner", "variables", {"partner"}}};
    options.tables.front().columns = {"variables"};
    EventDecoder decoder(options);
    const auto broken = *rc::gen::inRange<std::size_t>(0, messages.size());
    for (std::size_t i = 0; i < messages.size(); ++i) {
      std::string message = messages[i];
      if (i == broken) {
        message[*rc::gen::inRange<std::size_t>(0, message.size())] = *rc::gen::arbitrary<char>();
        message.resize(*rc::gen::inRange<std::size_t>(message.size() / 2, message.size() + 2));
      }
      if (!feeds(decoder, message)) break;
    }
  }));
}

TEST(EventDecoderProperty, TruncatedMessagesAreMalformedInEveryPlace) {
  const std::vector<std::string> messages = session_messages();
  for (std::size_t cut = 0; cut < messages.size(); ++cut) {
    for (std::size_t size = 0; size < messages[cut].size(); ++size) {
      EventDecoder decoder(both_tables());
      for (std::size_t i = 0; i < cut; ++i) ASSERT_TRUE(feeds(decoder, messages[i]));
      EXPECT_FALSE(feeds(decoder, messages[cut].substr(0, size)));
    }
  }
}

}  // namespace
}  // namespace walpulse::decoder
