#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace walpulse::http {

/// A string member; empty where it is missing or something else.
std::string text_at(const nlohmann::json& object, const char* name);

/// Of http or https; more is libcurl's to say.
bool is_http_url(const std::string& text);

}  // namespace walpulse::http
