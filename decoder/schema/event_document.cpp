#include "decoder/schema/event_document.h"

#include <utility>

#include "decoder/base/base64.h"
#include "decoder/base/type_oids.h"

namespace walpulse::schema {
namespace {

using Member = EventDocument::Member;
using Members = EventDocument::Members;
using Names = EventDocument::Names;

/// PostgreSQL's own limit (MaxHeapAttributeNumber): no table has more columns.
constexpr std::size_t kColumnsMax = 1600;

class DocumentReader {
 public:
  explicit DocumentReader(JsonCursor& in) : in_(in) {}

  EventDocument read() {
    in_.object([&](std::string_view field) {
      if (is(field, "op")) {
        document_.operation = in_.string();
      } else if (is(field, "before")) {
        document_.before = read_row();
      } else if (is(field, "after")) {
        document_.after = read_row();
      } else if (is(field, "previous_key")) {
        document_.previous_key = read_row();
      } else if (is(field, "unchanged")) {
        document_.unchanged = read_names();
      } else if (is(field, "dropped")) {
        document_.dropped = read_names();
      } else if (is(field, "truncate")) {
        read_truncate();
      } else if (is(field, "source")) {
        read_source();
      } else if (is(field, "labels")) {
        read_labels();
      } else if (is(field, "error")) {
        document_.error = in_.string();
      } else {
        in_.skip();
      }
    });
    return std::move(document_);
  }

 private:
  std::optional<Members> read_row() {
    if (in_.peek() == JsonCursor::Kind::null) {
      in_.null();
      return std::nullopt;
    }
    Members members;
    members.reserve(16);  // as many as Mage's table has, and a little more
    in_.object([&](std::string_view name) {
      members.push_back(read_member(name));
      if (members.size() > kColumnsMax) in_.fail("more columns than a table can have");
    });
    return members;
  }

  Member read_member(std::string_view name) {
    switch (in_.peek()) {
      case JsonCursor::Kind::null:
        in_.null();
        return {name, kTextOid, {Cell::State::null, {}}};
      case JsonCursor::Kind::number:
        return {name, kInt8Oid, {Cell::State::value, in_.integer_text()}};
      case JsonCursor::Kind::boolean:
        return {name, kBoolOid, {Cell::State::value, in_.boolean() ? "t" : "f"}};
      case JsonCursor::Kind::object:
        return {name, kTextOid, {Cell::State::value, read_base64()}};
      default:
        return {name, kTextOid, {Cell::State::value, in_.string()}};
    }
  }

  std::string_view read_base64() {
    std::optional<std::string> bytes;
    in_.object([&](std::string_view field) {
      if (is(field, "base64")) {
        const std::string_view text = in_.string();
        std::string again;  // only what append_base64 writes: an event is the same bytes everywhere
        if (auto decoded = decode_base64(text)) {
          append_base64(*decoded, again);
          if (again == text) bytes = *std::move(decoded);
        }
      } else {
        in_.skip();
      }
    });
    if (!bytes) {
      in_.fail("expected base64");
      return {};
    }
    return document_.decoded.emplace_back(*std::move(bytes));
  }

  Names read_names() {
    Names names;
    in_.array([&] {
      names.push_back(in_.string());
      if (names.size() > kColumnsMax) in_.fail("more columns than a table can have");
    });
    return names;
  }

  void read_truncate() {
    in_.object([&](std::string_view field) {
      if (is(field, "cascade")) {
        document_.cascade = in_.boolean();
      } else if (is(field, "restart_identity")) {
        document_.restart_identity = in_.boolean();
      } else {
        in_.skip();
      }
    });
  }

  void read_source() {
    in_.object([&](std::string_view field) {
      if (is(field, "name")) {
        document_.name = in_.string();
      } else if (is(field, "ts_us")) {
        document_.commit_time = in_.integer();
      } else if (is(field, "db")) {
        document_.database = in_.string();
      } else if (is(field, "schema")) {
        document_.schema = in_.string();
      } else if (is(field, "table")) {
        document_.table = in_.string();
      } else if (is(field, "txId")) {
        document_.xid = in_.unsigned_integer();
      } else if (is(field, "lsn")) {
        document_.lsn = in_.unsigned_integer();
      } else if (is(field, "commit_lsn")) {
        document_.commit_lsn = in_.unsigned_integer();
      } else if (is(field, "ordinal")) {
        document_.ordinal = in_.integer();
      } else if (is(field, "epoch")) {
        document_.epoch = in_.unsigned_integer();
      } else {
        in_.skip();
      }
    });
  }

  void read_labels() {
    in_.object([&](std::string_view name) {
      document_.labels.push_back({std::string(name), std::string(in_.string())});
    });
  }

  JsonCursor& in_;
  EventDocument document_;
};

}  // namespace

EventDocument read_event_document(JsonCursor& in) { return DocumentReader(in).read(); }

}  // namespace walpulse::schema
