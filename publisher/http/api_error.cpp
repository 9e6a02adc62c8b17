#include "publisher/http/api_error.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"
#include "publisher/http/json_member.h"

namespace walpulse::http {
namespace {

constexpr std::size_t kServiceTextBytesMax = 500;
/// A longer body is no service's error: it is quoted, not made a tree of many times its size.
constexpr std::size_t kErrorBodyBytesMax = 256 << 10;

/// What a service says of an error, by name and in words.
struct Said {
  std::string name;
  std::string text;
};

/// Google's error body is {"error":{"code":..,"status":"..","message":".."}}, OAuth's is
/// {"error":"..","error_description":".."} (RFC 6749, section 5.2); proxies send anything.
Said said_in(const std::string& body) {
  const auto json = body.size() <= kErrorBodyBytesMax ? parse_json(body) : nlohmann::json();
  if (!json.is_object()) return {"", body.substr(0, 2 * kServiceTextBytesMax)};
  if (json.contains("error") && json["error"].is_object()) {
    return {text_at(json["error"], "status"), text_at(json["error"], "message")};
  }
  return {text_at(json, "error"), text_at(json, "error_description")};
}

/// Both on one line, cut.
std::string service_text(const Said& said) {
  const auto& [name, text] = said;
  std::string both = name + (name.empty() || text.empty() ? "" : ": ") + text;
  std::replace_if(
      both.begin(), both.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  if (both.size() <= kServiceTextBytesMax) return both;
  // Not in the middle of a character.
  std::size_t end = kServiceTextBytesMax;
  while (end > 0 && (static_cast<unsigned char>(both[end]) & 0xc0) == 0x80) --end;
  return both.substr(0, end) + "...";
}

/// "error.details[].reason" and that entry's "metadata.service", where the service says one.
struct Reason {
  std::string name;
  std::string service;
};
Reason reason_of(const std::string& body) {
  if (body.size() > kErrorBodyBytesMax) return {};
  const auto json = parse_json(body);
  const nlohmann::json none;
  const auto member = [&none](const nlohmann::json& of, const char* name) -> const nlohmann::json& {
    return of.is_object() && of.contains(name) ? of[name] : none;
  };
  for (const auto& detail : member(member(json, "error"), "details")) {
    if (!detail.is_object() || text_at(detail, "reason").empty()) continue;
    const auto& metadata = member(detail, "metadata");
    return {text_at(detail, "reason"), metadata.is_object() ? text_at(metadata, "service") : ""};
  }
  return {};
}

ErrorKind kind_of(int status) {
  if (status == 408 || status == 409 || status == 429 || status == 499 || status >= 500) {
    return ErrorKind::unavailable;
  }
  if (status == 401 || status == 403 || status == 404) return ErrorKind::denied;
  return ErrorKind::rejected;
}

/// What mends it, where neither the request nor a role does.
std::string remedy_of(int status, const Reason& reason) {
  if (status == 401) {
    return "the credentials were refused: check GOOGLE_APPLICATION_CREDENTIALS or the attached "
           "service account, and this machine's clock";
  }
  if (status != 403) return {};
  if (reason.name == kScopeInsufficient) {
    return "the token lacks an OAuth scope, which no role mends: " + std::string(kScopeRemedy);
  }
  if (reason.name == "SERVICE_DISABLED") {
    return "gcloud services enable " + (reason.service.empty() ? "SERVICE" : reason.service);
  }
  return {};
}

}  // namespace

Result<void> check(const Response& response, const std::string& what) {
  if (response.status >= 200 && response.status < 300) return {};
  const std::string status = std::to_string(response.status);
  const Said said = said_in(response.body);
  std::string message = what + ": HTTP " + status;
  if (const std::string text = service_text(said); !text.empty()) message += ": " + text;
  const Reason reason = reason_of(response.body);
  return fail(kind_of(response.status), std::move(message), remedy_of(response.status, reason),
              !reason.name.empty() ? reason.name
              : !said.name.empty() ? said.name
                                   : status);
}

bool lacks_role(const Error& error) {
  return error.code == "PERMISSION_DENIED" || error.code == "IAM_PERMISSION_DENIED" ||
         error.code == "403";
}

}  // namespace walpulse::http
