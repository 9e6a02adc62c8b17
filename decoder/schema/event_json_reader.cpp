#include <algorithm>
#include <utility>

#include "decoder/schema/column_order.h"
#include "decoder/schema/event_document.h"
#include "decoder/schema/event_json.h"
#include "decoder/schema/type_oids.h"

namespace walpulse::schema {

struct OwnedEvent::Storage {
  Storage() {
    event.source = &source;
    event.table = &table;
  }
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  std::string text;        ///< The document, in which most cells lie.
  EventDocument document;  ///< And the values that came as base64.
  Source source;
  Table table;
  ChangeEvent event;
};

OwnedEvent::OwnedEvent() : storage_(std::make_unique<Storage>()) {}
OwnedEvent::~OwnedEvent() = default;
OwnedEvent::OwnedEvent(OwnedEvent&&) noexcept = default;
OwnedEvent& OwnedEvent::operator=(OwnedEvent&&) noexcept = default;
const ChangeEvent& OwnedEvent::operator*() const { return storage_->event; }

namespace {

using Members = EventDocument::Members;
using Names = EventDocument::Names;

tl::unexpected<Error> not_an_event(const std::string& reason) {
  return fail(ErrorKind::malformed, "not an event: " + reason);
}

std::optional<Operation> operation_of(std::string_view text) {
  constexpr std::string_view kOperations = "cudtr";
  if (text.size() != 1 || kOperations.find(text[0]) == std::string_view::npos) return std::nullopt;
  return static_cast<Operation>(text[0]);
}

/// Empty where everything that every event carries is there.
std::string missing_field(const EventDocument& document, Operation operation) {
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
  return {};
}

Names names_of(const Members& members) {
  Names names;
  names.reserve(members.size());
  for (const auto& member : members) names.push_back(member.name);
  return names;
}

bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Finds members by name; quickly when they are asked for in their own order.
class MemberFinder {
 public:
  explicit MemberFinder(const Members& members) : members_(members) {}

  const EventDocument::Member* find(std::string_view name) {
    if (next_ < members_.size() && members_[next_].name == name) return &members_[next_++];
    const auto found = std::find_if(members_.begin(), members_.end(),
                                    [&](const auto& member) { return member.name == name; });
    return found == members_.end() ? nullptr : &*found;
  }

 private:
  const Members& members_;
  std::size_t next_ = 0;
};

/// Fills the table's columns and both rows. A column that a list names has that state where the
/// row holds no value of it: `unchanged` speaks of `after`, `dropped` of either row.
void assemble_rows(const EventDocument& document, Table& table, ChangeEvent& event) {
  static const Members kNone;
  const Members& before = document.before ? *document.before : kNone;
  const Members& after = document.after ? *document.after : kNone;
  MemberFinder in_before(before);
  MemberFinder in_after(after);
  const Names order =
      merge_orders({names_of(after), names_of(before), document.unchanged, document.dropped});
  table.columns.reserve(order.size());
  for (const std::string_view name : order) {
    const auto* old_member = in_before.find(name);
    const auto* new_member = in_after.find(name);
    const Cell missing{
        contains(document.dropped, name) ? Cell::State::dropped : Cell::State::absent, {}};
    Oid type = kTextOid;
    if (old_member != nullptr) type = old_member->type;
    if (new_member != nullptr && type == kTextOid) type = new_member->type;
    table.columns.push_back({std::string(name), type, false});
    if (document.before) event.before.push_back(old_member ? old_member->cell : missing);
    if (!document.after) continue;
    if (new_member != nullptr) {
      event.after.push_back(new_member->cell);
    } else if (contains(document.unchanged, name)) {
      event.after.push_back({Cell::State::unchanged, {}});
    } else {
      event.after.push_back(missing);
    }
  }
}

void assemble_position(const EventDocument& document, ChangeEvent& event) {
  const bool snapshot = event.operation == Operation::read;
  event.position.epoch = *document.epoch;
  event.position.commit_lsn = Lsn{*document.commit_lsn};
  event.position.ordinal = snapshot ? Position::kSnapshot : *document.ordinal;
  event.lsn = Lsn{*document.lsn};
  event.xid = Xid{snapshot ? 0 : static_cast<std::uint32_t>(*document.xid)};
  event.commit_time = Timestamp{std::chrono::microseconds{*document.commit_time}};
}

}  // namespace

Result<OwnedEvent> parse_event(std::string_view json) {
  OwnedEvent owned;
  OwnedEvent::Storage& storage = *owned.storage_;
  storage.text = json;
  JsonCursor in(storage.text);
  storage.document = read_event_document(in);
  if (!in.finish()) return not_an_event(in.problem());

  EventDocument& document = storage.document;
  const std::optional<Operation> operation = operation_of(document.operation);
  if (!operation) return not_an_event("op is none of c, u, d, t, r");
  const std::string missing = missing_field(document, *operation);
  if (!missing.empty()) return not_an_event(missing);

  ChangeEvent& event = storage.event;
  event.operation = *operation;
  storage.source = {std::string(*document.name), std::string(*document.database)};
  storage.table.schema = *document.schema;
  storage.table.name = *document.table;
  event.cascade = document.cascade;
  event.restart_identity = document.restart_identity;
  event.labels = std::move(document.labels);
  assemble_rows(document, storage.table, event);
  assemble_position(document, event);
  return owned;
}

}  // namespace walpulse::schema
