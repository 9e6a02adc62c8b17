#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/json_object.h"
#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "decoder/schema/attributes.h"

namespace walpulse::schema {

/// Of the epochs that one follows only the newest are told.
inline constexpr std::size_t kFollowsMax = 16;

/// Which history an epoch belongs to: what a reader must know to tell the next chapter of a source
/// from another one that bears its name by accident. A heartbeat says it too; who publishes without
/// heartbeats (`snapshot`, `replay`, `recover`) says it in a message of its own before its first
/// event.
struct Introduction {
  std::string name;   ///< The source's.
  std::string table;  ///< "public.pipeline_run".
  std::uint64_t epoch = 0;
  std::uint64_t system_identifier = 0;  ///< Of the cluster, as in pg_control_system().
  std::string database;                 ///< As in the events.
  std::string publication;
  std::vector<std::uint64_t> follows;  ///< The epochs that `recover` replaced, newest last.
  Timestamp sent_at;

  bool operator==(const Introduction&) const = default;
};

std::string to_json(const Introduction& introduction);
Result<Introduction> parse_introduction(std::string_view json);
/// CloudEvents attributes with `ce-type: walpulse.introduction`, and `table schema_version`.
Attributes introduction_attributes(const Introduction& introduction);
/// "heartbeat/<name>", as heartbeats have.
std::string introduction_ordering_key(const Introduction& introduction);

/// The member "follows": the newest kFollowsMax of it.
std::vector<std::uint64_t> read_follows(JsonObject& in);

}  // namespace walpulse::schema
