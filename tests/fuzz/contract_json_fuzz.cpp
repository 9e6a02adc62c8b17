#include <string>

#include "decoder/mage/run_change.h"
#include "decoder/schema/event_json.h"
#include "decoder/schema/heartbeat.h"
#include "decoder/schema/introduction.h"
#include "decoder/schema/message_attributes.h"
#include "decoder/schema/snapshot_end.h"
#include "tests/decoder/schema/event_reader.h"
#include "tests/fuzz/fuzz.h"

// Input: a message body as the monitor takes it, read as an event, a heartbeat, an
// introduction and a snapshot's end.

namespace walpulse {
namespace {

void check_event(std::string_view json) {
  const auto event = schema::parse_event(json);
  const auto change = mage::parse_run_change(json);
  fuzz::require(event.has_value() == change.has_value(), "the monitor takes what is an event");
  if (!event) {
    fuzz::require(event.error().kind == ErrorKind::malformed, "a bad event is malformed");
    return;
  }
  std::string written;
  schema::append_json(**event, written);
  const auto read = schema::parse_event(written);
  fuzz::require(read.has_value(), "what is written can be read");
  std::string again;
  schema::append_json(**read, again);
  fuzz::require(again == written, "what is read is written the same");
  const schema::ChangeEvent& same = **event;
  schema::message_attributes(same, false);
  schema::ordering_key(same, 64);
  if (!change->run) {
    fuzz::require(change->run.error().kind == ErrorKind::malformed, "a bad run is malformed");
  }
}

void check_heartbeat(std::string_view json) {
  const auto heartbeat = schema::parse_heartbeat(json);
  if (!heartbeat) {
    fuzz::require(heartbeat.error().kind == ErrorKind::malformed, "a bad heartbeat is malformed");
    return;
  }
  const std::string written = schema::to_json(*heartbeat);
  const auto read = schema::parse_heartbeat(written);
  fuzz::require(read.has_value(), "a heartbeat that is written can be read");
  fuzz::require(schema::to_json(*read) == written, "a heartbeat is read and written the same");
  schema::heartbeat_attributes(*heartbeat);
  schema::heartbeat_ordering_key(*heartbeat);
}

void check_introduction(std::string_view json) {
  const auto introduction = schema::parse_introduction(json);
  if (!introduction) {
    fuzz::require(introduction.error().kind == ErrorKind::malformed,
                  "a bad introduction is malformed");
    return;
  }
  const std::string written = schema::to_json(*introduction);
  const auto read = schema::parse_introduction(written);
  fuzz::require(read.has_value(), "an introduction that is written can be read");
  fuzz::require(schema::to_json(*read) == written, "an introduction is read and written the same");
  schema::introduction_attributes(*introduction);
  schema::introduction_ordering_key(*introduction);
}

void check_snapshot_end(std::string_view json) {
  const auto end = schema::parse_snapshot_end(json);
  if (!end) {
    fuzz::require(end.error().kind == ErrorKind::malformed, "a bad end is malformed");
    return;
  }
  const std::string written = schema::to_json(*end);
  const auto read = schema::parse_snapshot_end(written);
  fuzz::require(read.has_value(), "an end that is written can be read");
  fuzz::require(schema::to_json(*read) == written, "an end is read and written the same");
  schema::snapshot_end_attributes(*end);
  schema::snapshot_end_ordering_key(*end);
}

}  // namespace
}  // namespace walpulse

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  walpulse::check_event(walpulse::fuzz::text(data, size));
  walpulse::check_heartbeat(walpulse::fuzz::text(data, size));
  walpulse::check_introduction(walpulse::fuzz::text(data, size));
  walpulse::check_snapshot_end(walpulse::fuzz::text(data, size));
  return 0;
}
