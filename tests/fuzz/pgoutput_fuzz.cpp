#include <set>
#include <string>

#include "decoder/base/utf8.h"
#include "decoder/pgoutput/event_decoder.h"
#include "decoder/schema/event_json.h"
#include "decoder/schema/message_attributes.h"
#include "tests/decoder/schema/event_reader.h"
#include "tests/fuzz/fuzz.h"

// Input: a session's pgoutput messages, each after its length (two bytes, big-endian). What cannot
// be read must be malformed; what can be is written as JSON, read again and written the same.

namespace walpulse {
namespace {

using decoder::EventDecoder;

decoder::EventDecoderOptions options() {
  decoder::EventDecoderOptions options;
  options.source = {"mage", "mage-db"};
  options.epoch = 1763600000;
  options.tables = {
      {.oid = Oid{16384},
       .name = {"public", "pipeline_run"},
       .columns = {"variables"},
       .labels = {{"partner", "variables", {"partner"}}, {"deep", "variables", {"a", "b"}}},
       .key_columns = {}}};
  options.base_type = [](Oid type) { return std::optional(type); };
  return options;
}

void check_attributes(const schema::ChangeEvent& event) {
  for (const auto& [name, value] : schema::message_attributes(event, true).read()) {
    fuzz::require(name.size() <= schema::kAttributeNameBytesMax, "a name within Pub/Sub's limit");
    fuzz::require(value.size() <= schema::kAttributeValueBytesMax, "a value within the limit");
  }
  fuzz::require(schema::ordering_key(event, 64).size() <= 1024, "a key within Pub/Sub's limit");
}

/// Of two names that are not UTF-8 and differ in their bad bytes only, JSON holds one.
bool names_collide(const schema::Table& table) {
  std::set<std::string> names;
  for (const auto& column : table.columns) names.insert(utf8_or_replaced(column.name));
  return names.size() != table.columns.size();
}

void check_event(schema::ChangeEvent& event) {
  std::string json;
  schema::append_json(event, json);
  const auto read = schema::parse_event(json);
  fuzz::require(read.has_value(), "what is written can be read");
  std::string again;
  schema::append_json(**read, again);
  fuzz::require(again == json || names_collide(*event.table), "it is written the same again");
  check_attributes(event);
  std::string small;
  const std::size_t limit = json.size() / 2 + 200;
  if (schema::append_json_within(event, limit, small)) {
    fuzz::require(small.size() <= limit, "an event within its limit");
    fuzz::require(schema::parse_event(small).has_value(), "a smaller event can be read");
  }
}

/// The next message; empty at the end.
std::string_view take_message(std::string_view& session) {
  if (session.size() < 2) return {};
  const auto high = static_cast<unsigned char>(session[0]);
  const auto low = static_cast<unsigned char>(session[1]);
  const std::string_view message = session.substr(2, std::size_t{high} << 8 | low);
  session.remove_prefix(2 + message.size());
  return message;
}

void feed_session(EventDecoder& decoder, std::string_view session) {
  while (!session.empty()) {
    const fuzz::ExactCopy message(take_message(session));
    const auto step = decoder.feed(Lsn{24023128}, message.bytes());
    if (!step) {
      fuzz::require(step.error().kind == ErrorKind::malformed, "bad bytes are malformed");
      return;
    }
    auto* const* found = std::get_if<schema::ChangeEvent*>(&*step);
    for (auto* event = found == nullptr ? nullptr : *found; event != nullptr;
         event = decoder.next()) {
      check_event(*event);
    }
    if (session.size() < 2) return;
  }
}

}  // namespace
}  // namespace walpulse

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  walpulse::decoder::EventDecoder decoder(walpulse::options());
  walpulse::feed_session(decoder, walpulse::fuzz::text(data, size));
  return 0;
}
