#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <deque>
#include <nlohmann/json.hpp>

#include "decoder/base/json_text.h"
#include "decoder/schema/event_json.h"
#include "tests/decoder/schema/event_reader.h"
#include "tests/decoder/schema/sample_event.h"

namespace walpulse::schema {
namespace {

/// Mostly such text as the type prints, but any bytes as well.
std::string arbitrary_text(Oid type) {
  if (*rc::gen::inRange(0, 4) == 0) return *rc::gen::arbitrary<std::string>();
  if (is_integer(type)) return std::to_string(*rc::gen::arbitrary<std::int64_t>());
  if (type == kBoolOid) return *rc::gen::element<std::string>("t", "f");
  if (type == kTimestamptzOid) {
    return to_rfc3339(Timestamp{std::chrono::microseconds{*rc::gen::arbitrary<std::int64_t>()}});
  }
  return *rc::gen::element<std::string>("", "NaN", "\xFF", "Gr\xC3\xBCn", "\"\\\n",
                                        "{\"base64\":\"x\"}");
}

struct RandomEvent : SampleEvent {
  RandomEvent() {
    event.operation = *rc::gen::element(Operation::insert, Operation::update, Operation::remove,
                                        Operation::truncate, Operation::read);
    const bool has_after =
        event.operation != Operation::remove && event.operation != Operation::truncate;
    const bool has_before = event.operation == Operation::remove || *rc::gen::arbitrary<bool>();
    const int columns = *rc::gen::inRange(0, 8);
    for (int i = 0; i < columns; ++i) {
      const Oid type = *rc::gen::element(kInt4Oid, kInt8Oid, kBoolOid, kTimestamptzOid, kTextOid);
      column("c" + std::to_string(i), type,
             has_before ? std::optional<Cell>(cell(type, false)) : std::nullopt,
             has_after ? std::optional<Cell>(cell(type, true)) : std::nullopt);
    }
    if (has_after && *rc::gen::inRange(0, 3) == 0) {
      for (const auto& told : table.columns) event.previous_key.push_back(key_cell(told.type));
    }
    if (event.operation == Operation::read) {
      event.position.ordinal = Position::kSnapshot;
      event.xid = Xid{};
    }
  }

  Cell cell(Oid type, bool is_after) {
    const auto state =
        *rc::gen::element(Cell::State::value, Cell::State::value, Cell::State::null,
                          Cell::State::unchanged, Cell::State::absent, Cell::State::dropped);
    if (state == Cell::State::unchanged && !is_after) return absent();
    if (state != Cell::State::value) return {state, {}};
    return value(texts.emplace_back(arbitrary_text(type)));
  }

  /// A key is known or not part of the key.
  Cell key_cell(Oid type) {
    if (*rc::gen::arbitrary<bool>()) return absent();
    return value(texts.emplace_back(arbitrary_text(type)));
  }

  std::deque<std::string> texts;
};

TEST(EventJsonProperty, IsTheSameReadAndWrittenAgain) {
  EXPECT_TRUE(rc::check([] {
    const RandomEvent random;
    const std::string json = random.json();
    const Result<OwnedEvent> parsed = parse_event(json);
    if (!parsed) RC_FAIL(parsed.error().message + " in " + json);
    std::string again;
    append_json(**parsed, again);
    RC_ASSERT(again == json);
  }));
}

TEST(EventJsonProperty, IsJsonToAnotherParser) {
  EXPECT_TRUE(rc::check([] {
    const RandomEvent random;
    RC_ASSERT(nlohmann::json::accept(random.json()));
  }));
}

TEST(EventJsonProperty, ReadingMutatedTextNeverFailsOtherwiseThanMalformed) {
  EXPECT_TRUE(rc::check([] {
    const RandomEvent random;
    std::string json = random.json();
    const auto count = *rc::gen::inRange(1, 4);
    for (int i = 0; i < count; ++i) {
      json[*rc::gen::inRange<std::size_t>(0, json.size())] = *rc::gen::arbitrary<char>();
    }
    json.resize(*rc::gen::inRange<std::size_t>(0, json.size() + 1));
    const Result<OwnedEvent> parsed = parse_event(json);
    RC_ASSERT(parsed || parsed.error().kind == ErrorKind::malformed);
  }));
}

}  // namespace
}  // namespace walpulse::schema
