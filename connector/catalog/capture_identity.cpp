#include "connector/catalog/capture_identity.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "decoder/base/json_dom.h"
#include "decoder/schema/introduction.h"

namespace walpulse::connector {
namespace {

constexpr const char* kProgram = "walpulse";
constexpr std::uint64_t kOneTable = 1;
constexpr std::uint64_t kTables = 2;

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

/// Empty where the comment is not walpulse's.
std::optional<std::uint64_t> version_of(const nlohmann::json& comment) {
  std::uint64_t version = 0;
  if (!comment.is_object() || !read(comment, kProgram, version)) return std::nullopt;
  return version;
}

/// What is wrong with it; empty: nothing.
std::string read_table(const nlohmann::json& json, const char* oid, const char* name,
                       std::vector<CapturedTable>& tables) {
  CapturedTable table;
  if (!json.is_object() || !read(json, oid, table.oid.value)) return std::string("no ") + oid;
  if (!read(json, "publication_relation", table.publication_relation.value)) {
    return "no publication_relation";
  }
  if (!read(json, "schema", table.name.schema)) return "no schema";
  if (!read(json, name, table.name.name)) return std::string("no ") + name;
  for (const CapturedTable& other : tables) {
    if (other.oid == table.oid || other.name == table.name) return "a table stands in it twice";
  }
  tables.push_back(std::move(table));
  return "";
}

std::string read_only_table(const nlohmann::json& comment, std::vector<CapturedTable>& tables) {
  return read_table(comment, "table", "table_name", tables);
}

std::string read_tables(const nlohmann::json& comment, std::vector<CapturedTable>& tables) {
  const auto listed = comment.find("tables");
  if (listed == comment.end() || !listed->is_array() || listed->empty()) return "no tables";
  for (const auto& json : *listed) {
    if (auto wrong = read_table(json, "oid", "name", tables); !wrong.empty()) return wrong;
  }
  return "";
}

nlohmann::ordered_json tables_json(const std::vector<CapturedTable>& tables) {
  auto list = nlohmann::ordered_json::array();
  for (const CapturedTable& table : tables) {
    list.push_back({{"oid", table.oid.value},
                    {"publication_relation", table.publication_relation.value},
                    {"schema", table.name.schema},
                    {"name", table.name.name}});
  }
  return list;
}

}  // namespace

std::string other_system(const CaptureIdentity& identity) {
  if (identity.provisional()) return "an earlier recover did not get to its end";
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

const CapturedTable* CaptureIdentity::find(const TableName& wanted) const {
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [&](const auto& table) { return table.name == wanted; });
  return found == tables.end() ? nullptr : &*found;
}

std::vector<TableName> CaptureIdentity::table_names() const {
  std::vector<TableName> names;
  for (const CapturedTable& table : tables) names.push_back(table.name);
  return names;
}

bool grew(const CaptureIdentity& before, const CaptureIdentity& now) {
  if (now.tables.size() <= before.tables.size()) return false;
  CaptureIdentity without = now;
  without.tables.resize(before.tables.size());
  return without == before;
}

std::string table_list(const CaptureIdentity& identity) {
  std::string list;
  for (const CapturedTable& table : identity.tables) {
    list += (list.empty() ? "" : ",") + to_string(table.name);
  }
  return list;
}

// A system identifier exceeds what a JSON reader keeps exactly (2^53), so it is text.
std::string to_comment(const CaptureIdentity& identity) {
  const bool one = identity.tables.size() == 1;
  nlohmann::ordered_json comment;
  comment[kProgram] = one ? kOneTable : kTables;
  comment["name"] = identity.name;
  comment["epoch"] = identity.epoch;
  comment["system_identifier"] = std::to_string(identity.system_identifier);
  if (one) {
    const CapturedTable& table = identity.tables.front();
    comment["table"] = table.oid.value;
    comment["publication_relation"] = table.publication_relation.value;
    comment["publication_xmin"] = identity.publication_xmin.value;
    comment["schema"] = table.name.schema;
    comment["table_name"] = table.name.name;
  } else {
    comment["publication_xmin"] = identity.publication_xmin.value;
    comment["tables"] = tables_json(identity.tables);
  }
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
  const auto version = version_of(comment);
  if (!version) return bad("no walpulse JSON object");
  if (*version > kTables) {
    return fail(ErrorKind::malformed,
                "the publication's comment is of a newer walpulse (version " +
                    std::to_string(*version) + "), and this one cannot read it",
                "update walpulse-connector");
  }
  if (*version == 0) return bad("version 0 is unknown");
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
  if (!read(comment, "publication_xmin", identity.publication_xmin.value)) {
    return bad("no publication_xmin");
  }
  const std::string wrong = *version == kOneTable ? read_only_table(comment, identity.tables)
                                                  : read_tables(comment, identity.tables);
  if (!wrong.empty()) return bad(wrong);
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

bool is_of_newer_version(std::string_view comment) {
  return version_of(parse_json(comment)).value_or(0) > kTables;
}

}  // namespace walpulse::connector
