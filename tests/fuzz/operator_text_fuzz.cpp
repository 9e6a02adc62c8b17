#include <string>

#include "connector/catalog/capture_identity.h"
#include "connector/options/option_values.h"
#include "decoder/base/base64.h"
#include "decoder/base/timestamp.h"
#include "decoder/base/types.h"
#include "decoder/base/utf8.h"
#include "decoder/pgoutput/label.h"
#include "decoder/schema/label_name.h"
#include "decoder/schema/message_attributes.h"
#include "publisher/config/values.h"
#include "publisher/database/dsn.h"
#include "publisher/sinks/sink_url.h"
#include "tests/fuzz/fuzz.h"

// Input: a short text, read as everything that people and catalogs say in short texts.

namespace walpulse {
namespace {

using fuzz::require;

void check_lsn(std::string_view text) {
  const auto lsn = parse_lsn(text);
  if (lsn) require(parse_lsn(to_string(*lsn)) == *lsn, "an LSN is read as it was written");
}

void check_timestamp(std::string_view text) {
  std::string converted;
  append_rfc3339(text, converted);
  const auto instant = parse_timestamp(text);
  if (!instant) return;
  require(parse_timestamp(to_rfc3339(*instant)) == *instant, "an instant is read as written");
  require(from_postgres_epoch(to_postgres_epoch(*instant)) == *instant, "both epochs agree");
  require(parse_timestamp(converted) == *instant, "the quick way and the calendar agree");
}

void check_dsn(const std::string& text) {
  database::holds_password(text);
  database::is_uri(text);
  if (!database::is_connection_string(text)) return;
  require(database::is_connection_string(database::with_connection_defaults(text, false)),
          "a DSN with our defaults is a DSN");
}

void check_units(std::string_view text) {
  const auto time = config::parse_duration(text);
  require(!time || (time->count() >= 0 && *time <= config::kDurationMax), "a time has its bounds");
  config::parse_bytes(text);
  config::parse_number(text, 65535);
  connector::parse_id(text);
}

void check_names(std::string_view text) {
  schema::is_label_name(text);
  require(schema::is_label_name(schema::label_name_of(text)), "the nearest name of a label is one");
  connector::is_slot_name(text);
  connector::parse_label(text);
  if (const auto topic = publisher::parse_topic_url(text)) {
    require(topic->starts_with("projects/"), "a topic belongs to a project");
  }
  if (const auto url = publisher::parse_push_url(text)) {
    require(*url == text, "a push URL is left as it is");
  }
  if (const auto identity = connector::parse_comment(text)) {
    require(connector::parse_comment(connector::to_comment(*identity)) == *identity,
            "a publication's comment is read as it was written");
  }
}

void check_bytes(std::string_view text) {
  if (const auto bytes = decode_base64(text)) {
    std::string again;
    append_base64(*bytes, again);
    require(decode_base64(again) == *bytes, "bytes survive base64");
  }
  require(is_utf8(utf8_or_replaced(std::string(text))), "a replaced name is UTF-8");
  const bool utf8 = is_utf8(text);
  const std::string_view cut = schema::cut_utf8(text, text.size() / 2);
  require(cut.size() <= text.size() / 2, "cut to its limit");
  require(!utf8 || is_utf8(cut), "no character is cut");
  std::string scratch;
  const auto label = decoder::read_label(text, {"a"}, scratch).value;
  require(!label || label->size() <= decoder::kLabelBytesMax, "a label within its limit");
}

}  // namespace
}  // namespace walpulse

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace walpulse;
  const std::string text(fuzz::text(data, size));
  check_lsn(text);
  check_timestamp(text);
  check_dsn(text);
  check_units(text);
  check_names(text);
  check_bytes(text);
  return 0;
}
