#include "tests/decoder/schema/event_reader.h"

#include <algorithm>
#include <utility>

#include "decoder/base/type_oids.h"
#include "decoder/schema/event_document.h"
#include "decoder/schema/event_head.h"
#include "tests/decoder/schema/column_order.h"

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

/// Fills the table's columns and the rows. A column that a list names has that state where the
/// row holds no value of it: `unchanged` speaks of `after`, `dropped` of either row.
void assemble_rows(const EventDocument& document, Table& table, ChangeEvent& event) {
  static const Members kNone;
  const Members& before = document.before ? *document.before : kNone;
  const Members& after = document.after ? *document.after : kNone;
  const Members& previous_key = document.previous_key ? *document.previous_key : kNone;
  MemberFinder in_before(before);
  MemberFinder in_after(after);
  MemberFinder in_previous_key(previous_key);
  const Names order = merge_orders({names_of(after), names_of(before), names_of(previous_key),
                                    document.unchanged, document.dropped});
  table.columns.reserve(order.size());
  for (const std::string_view name : order) {
    const auto* old_member = in_before.find(name);
    const auto* new_member = in_after.find(name);
    const auto* key_member = in_previous_key.find(name);
    const Cell missing{
        contains(document.dropped, name) ? Cell::State::dropped : Cell::State::absent, {}};
    Oid type = kTextOid;
    if (old_member != nullptr) type = old_member->type;
    if (new_member != nullptr && type == kTextOid) type = new_member->type;
    if (key_member != nullptr && type == kTextOid) type = key_member->type;
    table.columns.push_back({std::string(name), type, false});
    if (document.before) event.before.push_back(old_member ? old_member->cell : missing);
    if (document.previous_key) event.previous_key.push_back(key_member ? key_member->cell : Cell{});
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

}  // namespace

Result<OwnedEvent> parse_event(std::string_view json) {
  OwnedEvent owned;
  OwnedEvent::Storage& storage = *owned.storage_;
  storage.text = json;
  JsonCursor in(storage.text);
  storage.document = read_event_document(in);
  EventDocument& document = storage.document;
  const Result<EventHead> head = read_event_head(in, document);
  if (!head) return forward(head);

  ChangeEvent& event = storage.event;
  event.operation = head->operation;
  event.position = head->position;
  event.lsn = head->lsn;
  event.xid = head->xid;
  event.commit_time = head->commit_time;
  storage.source = {std::string(*document.name), std::string(*document.database)};
  storage.table.schema = *document.schema;
  storage.table.name = *document.table;
  event.cascade = document.cascade;
  event.restart_identity = document.restart_identity;
  event.labels = std::move(document.labels);
  if (document.error.data() != nullptr) event.error = document.error;
  assemble_rows(document, storage.table, event);
  return owned;
}

}  // namespace walpulse::schema
