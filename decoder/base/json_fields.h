#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "decoder/base/timestamp.h"

/// Members of the messages that are read as a tree. nlohmann converts silently between numbers,
/// from negative ones and from ones beyond the type asked for (undefined then): here a whole number
/// must be one. All throw nlohmann::json::exception where the member is missing or of another kind.
namespace walpulse {

using Json = nlohmann::ordered_json;

[[noreturn]] void refuse(const Json& value, const std::string& why);

std::uint64_t unsigned_at(const Json& json, const char* field);
std::int64_t signed_at(const Json& json, const char* field);
std::vector<std::uint64_t> unsigned_list_at(const Json& json, const char* field);
/// A number in a text of digits: beyond 2^53 most readers of JSON would round it.
std::uint64_t digits_at(const Json& json, const char* field);
Timestamp timestamp_at(const Json& json, const char* field);

}  // namespace walpulse
