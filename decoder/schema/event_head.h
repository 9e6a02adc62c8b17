#pragma once

#include "decoder/base/result.h"
#include "decoder/schema/change_event.h"
#include "decoder/schema/event_document.h"

namespace walpulse::schema {

/// What every event carries beside its rows.
struct EventHead {
  Operation operation = Operation::insert;
  Position position;
  Lsn lsn;
  Xid xid;
  Timestamp commit_time;
};

/// Of the document that was read from `in`, which must hold nothing else. Malformed where a field
/// that every event carries is missing, or does not fit the operation; afterwards the document's
/// `name`, `database`, `schema` and `table` are there, and `after` where the operation has one.
Result<EventHead> read_event_head(JsonCursor& in, const EventDocument& document);

}  // namespace walpulse::schema
