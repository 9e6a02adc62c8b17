#include "decoder/schema/snapshot_end.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/base/json_dom.h"
#include "decoder/base/json_object.h"
#include "decoder/base/utf8.h"
#include "decoder/schema/change_event.h"

namespace walpulse::schema {
namespace {

using Json = nlohmann::ordered_json;

/// Many times what a connector sends.
constexpr std::size_t kSnapshotEndBytesMax = 16 << 10;

Json or_null(const std::optional<std::int64_t>& id) { return id ? Json(*id) : Json(nullptr); }

SnapshotEnd read_end(JsonObject& in) {
  SnapshotEnd end;
  end.name = in.text("name");
  end.schema = in.text("schema");
  end.table = in.text("table");
  end.epoch = in.counter("epoch");
  end.position = Lsn{in.counter("commit_lsn")};
  end.from_id = in.whole_or_null("from_id");
  end.to_id = in.whole_or_null("to_id");
  end.row_count = in.counter("row_count");
  end.snapshot_at = in.time("snapshot_at");
  if (end.from_id && end.to_id && *end.from_id > *end.to_id)
    in.fail("from_id is greater than to_id");
  if (end.row_count > INT64_MAX) in.fail("row_count exceeds int64");
  return end;
}

}  // namespace

std::string to_json(const SnapshotEnd& end) {
  const Json json = {
      {"name", end.name},
      {"schema", end.schema},
      {"table", end.table},
      {"epoch", end.epoch},
      {"commit_lsn", end.position.value},
      {"from_id", or_null(end.from_id)},
      {"to_id", or_null(end.to_id)},
      {"row_count", end.row_count},
      {"snapshot_at", to_rfc3339(end.snapshot_at)},
  };
  return dump_json(json);
}

Result<SnapshotEnd> parse_snapshot_end(std::string_view json) {
  JsonObject in(json, kSnapshotEndBytesMax);
  SnapshotEnd end = read_end(in);
  return in.finish("a snapshot's end", std::move(end));
}

Attributes snapshot_end_attributes(const SnapshotEnd& end) {
  const std::string name = utf8_or_replaced(end.name);
  const std::string table = utf8_or_replaced(end.schema + '.' + end.table);
  const auto bound = [](const std::optional<std::int64_t>& id) {
    return id ? std::to_string(*id) : std::string();
  };
  return {
      {"ce-specversion", "1.0"},
      {"ce-id", name + "/" + table + "/" + std::to_string(end.epoch) + "/" +
                    std::to_string(end.position.value) + "/end/" + bound(end.from_id) + "-" +
                    bound(end.to_id)},
      {"ce-source", "/walpulse/" + name},
      {"ce-type", kSnapshotEndType},
      {"ce-time", to_rfc3339(end.snapshot_at)},
      {"content-type", kContentType},
      {"table", table},
      {"schema_version", kVersion},
  };
}

std::string snapshot_end_ordering_key(const SnapshotEnd& end) {
  return "snapshot_end/" + utf8_or_replaced(end.name);
}

}  // namespace walpulse::schema
