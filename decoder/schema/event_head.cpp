#include "decoder/schema/event_head.h"

#include <chrono>

namespace walpulse::schema {
namespace {

tl::unexpected<Error> not_an_event(const std::string& reason) {
  return fail(ErrorKind::malformed, "not an event: " + reason);
}

std::optional<Operation> operation_of(std::string_view text) {
  constexpr std::string_view kOperations = "cudtr";
  if (text.size() != 1 || kOperations.find(text[0]) == std::string_view::npos) return std::nullopt;
  return static_cast<Operation>(text[0]);
}

/// Null where everything is there.
const char* missing_field(const EventDocument& document, Operation operation) {
  const bool snapshot = operation == Operation::read;
  const bool has_after = operation != Operation::remove && operation != Operation::truncate;
  if (has_after != document.after.has_value()) return "after does not fit op";
  if (!document.name) return "source.name is missing";
  if (!document.database) return "source.db is missing";
  if (!document.schema) return "source.schema is missing";
  if (!document.table) return "source.table is missing";
  if (!document.commit_time) return "source.ts_us is missing";
  if (!document.lsn) return "source.lsn is missing";
  if (!document.commit_lsn) return "source.commit_lsn is missing";
  if (!document.epoch) return "source.epoch is missing";
  if (!snapshot && (!document.ordinal || *document.ordinal < 0)) return "source.ordinal is missing";
  if (!snapshot && (!document.xid || *document.xid > 0xFFFFFFFF)) return "source.txId is missing";
  return nullptr;
}

}  // namespace

Result<EventHead> read_event_head(JsonCursor& in, const EventDocument& document) {
  if (!in.finish()) return not_an_event(in.problem());
  const std::optional<Operation> operation = operation_of(document.operation);
  if (!operation) return not_an_event("op is none of c, u, d, t, r");
  if (const char* missing = missing_field(document, *operation)) return not_an_event(missing);

  const bool snapshot = *operation == Operation::read;
  EventHead head;
  head.operation = *operation;
  head.position.epoch = *document.epoch;
  head.position.commit_lsn = Lsn{*document.commit_lsn};
  head.position.ordinal = snapshot ? Position::kSnapshot : *document.ordinal;
  head.lsn = Lsn{*document.lsn};
  head.xid = Xid{snapshot ? 0 : static_cast<std::uint32_t>(*document.xid)};
  head.commit_time = Timestamp{std::chrono::microseconds{*document.commit_time}};
  return head;
}

}  // namespace walpulse::schema
