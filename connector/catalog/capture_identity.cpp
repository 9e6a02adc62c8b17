#include "connector/catalog/capture_identity.h"

#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"
#include "decoder/schema/introduction.h"

namespace walpulse::connector {
namespace {

constexpr const char* kProgram = "walpulse";
constexpr int kFormat = 1;

template <class T>
bool read(const nlohmann::json& comment, const char* key, T& value) {
  const auto found = comment.find(key);
  if (found == comment.end() || !found->is_number_unsigned()) return false;
  const auto number = found->get<std::uint64_t>();
  value = static_cast<T>(number);
  return number == static_cast<std::uint64_t>(value);
}

/// A comment of an older version follows nothing.
bool read_follows(const nlohmann::json& comment, std::vector<std::uint64_t>& follows) {
  const auto found = comment.find("follows");
  if (found == comment.end()) return true;
  if (!found->is_array()) return false;
  for (const auto& epoch : *found) {
    if (!epoch.is_number_unsigned()) return false;
    follows.push_back(epoch.get<std::uint64_t>());
  }
  return true;
}

bool read(const nlohmann::json& comment, const char* key, std::string& value) {
  const auto found = comment.find(key);
  if (found == comment.end() || !found->is_string()) return false;
  value = found->get<std::string>();
  return !value.empty();
}

}  // namespace

std::string other_system(const CaptureIdentity& identity) {
  if (identity.provisional()) return "an earlier recover did not get to its end: run it again";
  return "the publication was set up on another system (" +
         std::to_string(identity.system_identifier) + ")";
}

std::vector<std::uint64_t> followed_by_next(const CaptureIdentity& old) {
  std::vector<std::uint64_t> follows = old.follows;
  follows.push_back(old.epoch);
  if (follows.size() > schema::kFollowsMax) {
    follows.erase(follows.begin(),
                  follows.end() - static_cast<std::ptrdiff_t>(schema::kFollowsMax));
  }
  return follows;
}

// A system identifier exceeds what a JSON reader keeps exactly (2^53), so it is text.
std::string to_comment(const CaptureIdentity& identity) {
  nlohmann::ordered_json comment;
  comment[kProgram] = kFormat;
  comment["name"] = identity.name;
  comment["epoch"] = identity.epoch;
  comment["system_identifier"] = std::to_string(identity.system_identifier);
  comment["table"] = identity.table.value;
  comment["publication_relation"] = identity.publication_relation.value;
  comment["publication_xmin"] = identity.publication_xmin.value;
  comment["schema"] = identity.schema;
  comment["table_name"] = identity.table_name;
  if (!identity.follows.empty()) comment["follows"] = identity.follows;
  if (!identity.database.empty()) comment["database"] = identity.database;
  if (identity.publication_owner != Oid{}) {
    comment["publication_owner"] = identity.publication_owner.value;
  }
  return dump_json(comment);
}

Result<CaptureIdentity> parse_comment(std::string_view text) {
  const auto bad = [](const std::string& what) {
    return fail(ErrorKind::malformed, "the publication's comment is not walpulse's: " + what);
  };
  const auto comment = parse_json(text);
  if (!comment.is_object() || !comment.contains(kProgram)) return bad("no walpulse JSON object");
  if (comment[kProgram] != kFormat)
    return bad("format " + dump_json(comment[kProgram]) + " is unknown");
  CaptureIdentity identity;
  if (!read(comment, "name", identity.name)) return bad("no name");
  std::string digits;
  if (!read(comment, "system_identifier", digits)) return bad("no system_identifier");
  if (digits.size() > 20 || digits.find_first_not_of("0123456789") != std::string::npos) {
    return bad("system_identifier is not a number");
  }
  // Digits are JSON too; unlike strtoull it tells an overflow (a float) from a number.
  const auto number = parse_json(digits);
  if (!number.is_number_unsigned()) return bad("system_identifier is not a number");
  identity.system_identifier = number.get<std::uint64_t>();
  if (!read(comment, "epoch", identity.epoch) || identity.epoch == 0) return bad("no epoch");
  if (!read(comment, "table", identity.table.value)) return bad("no table");
  if (!read(comment, "publication_relation", identity.publication_relation.value)) {
    return bad("no publication_relation");
  }
  if (!read(comment, "publication_xmin", identity.publication_xmin.value)) {
    return bad("no publication_xmin");
  }
  if (!read(comment, "schema", identity.schema)) return bad("no schema");
  if (!read(comment, "table_name", identity.table_name)) return bad("no table_name");
  if (!read_follows(comment, identity.follows)) return bad("follows is no list of epochs");
  // Comments of earlier builds have neither.
  if (comment.contains("database") && !read(comment, "database", identity.database)) {
    return bad("database is no name");
  }
  if (comment.contains("publication_owner") &&
      !read(comment, "publication_owner", identity.publication_owner.value)) {
    return bad("publication_owner is not a number");
  }
  return identity;
}

}  // namespace walpulse::connector
