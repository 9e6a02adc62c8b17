#include "monitor/access/decision.h"

#include <algorithm>
#include <array>
#include <optional>

#include "publisher/http/header_field.h"

namespace walpulse::monitor {
namespace {

constexpr std::string_view kApi = "/api/";
/// Where POST means something: here and below, or below alone.
constexpr std::array<std::string_view, 2> kWritten = {"/api/v1/mutes", "/api/v1/deliveries/"};

/// Nothing that is written has more.
constexpr std::size_t kWriteBytesMax = 64 << 10;

std::string how_to_sign_in(Readers readers) {
  switch (readers) {
    case Readers::iap:
      return "This is read through Identity-Aware Proxy, and the request did not come through it: "
             "open the address that IAP guards, and sign in there.";
    case Readers::platform:
      return "Cloud Run checks who reads this: call it with an identity token, for example by "
             "gcloud run services proxy.";
    case Readers::google:
      return "Send a Google identity token that is made out to this monitor's --reader-audience: "
             "Authorization: Bearer TOKEN.";
    case Readers::token:
      return "Send a token of --reader-token-file: Authorization: Bearer TOKEN.";
    case Readers::loopback:
    case Readers::none:
      break;
  }
  return {};
}

bool granted(const std::vector<std::string>& grants, const Identity& identity) {
  return std::ranges::any_of(grants, [&](const auto& each) { return names(each, identity); });
}

/// A page from elsewhere that has a browser ask. Only links into here are followed. What is no
/// browser says nothing of it, and carries no one's standing credentials along.
bool is_cross_site(const AccessRequest& request) {
  if (!request.fetch_site.empty()) {
    if (request.fetch_site == "same-origin") return false;
    return !only_reads(request) ||
           (request.fetch_site != "none" && request.fetch_mode != "navigate");
  }
  if (request.origin.empty() || only_reads(request)) return false;
  const std::size_t scheme = request.origin.find("://");
  return scheme == std::string_view::npos ||
         !http::equal_ignoring_case(request.origin.substr(scheme + 3), request.host);
}

bool takes_writes(std::string_view path) {
  return std::ranges::any_of(kWritten, [&](auto each) {
    if (!path.starts_with(each) || path.size() == each.size()) return path == each;
    return each.ends_with('/') || path[each.size()] == '/';
  });
}

bool is_json(std::string_view content_type) {
  return http::equal_ignoring_case(http::trimmed(content_type.substr(0, content_type.find(';'))),
                                   "application/json");
}

/// What is wrong with who asks; nothing where he may read.
std::optional<Decision> refuse_reader(const AccessPolicy& policy, const Identity& identity) {
  switch (identity.proof) {
    case Identity::Proof::absent:
    case Identity::Proof::bad:
      return Decision{401, "sign-in", "Sign in", how_to_sign_in(policy.readers)};
    case Identity::Proof::undecided:
      return Decision{503, "keys-away", "It cannot be told yet who you are",
                      "The keys that sign-ins are checked with are not here yet: try again in a "
                      "moment."};
    case Identity::Proof::given:
      break;
  }
  if (policy.reading.empty() || granted(policy.reading, identity)) return std::nullopt;
  return Decision{403, "not-a-reader", "You may not read this",
                  identity.name +
                      " is signed in, and no --reader names that address or its "
                      "organization."};
}

Decision judge_write(const AccessPolicy& policy, const AccessRequest& request,
                     const Identity& identity) {
  if (!request.path.starts_with(kApi))
    return {405, "method-not-allowed", "Only GET and HEAD here",
            "What can be written is below /api/.", "GET, HEAD"};
  if (!granted(policy.writing, identity)) {
    return {403, "not-a-writer", "You may read, and change nothing",
            "No --writer names " + identity.name + " or its organization."};
  }
  if (request.has_body && !takes_writes(request.path))
    return {400, "no-body", "A body means nothing here", "Send the request without one."};
  // A form on somebody's page can post anything else without asking first. Of what takes no writes
  // the API says that itself.
  if (request.method == "POST" && takes_writes(request.path) && !is_json(request.content_type))
    return {415, "not-json", "Writes are JSON", "Send Content-Type: application/json."};
  return {};
}

}  // namespace

std::size_t write_bytes_max(std::string_view method, std::string_view path) {
  return method != "GET" && method != "HEAD" && takes_writes(path) ? kWriteBytesMax : 0;
}

bool names(const std::string& grant, const Identity& identity) {
  return grant == "*" || http::equal_ignoring_case(grant, identity.name) ||
         (!identity.domain.empty() && http::equal_ignoring_case(grant, identity.domain));
}

Decision admit(const AccessPolicy& policy, const AccessRequest& request, const Identity& identity) {
  const bool reads = only_reads(request);
  if (reads && request.has_body)
    return {400, "no-body", "A body means nothing here", "GET and HEAD have none."};
  if (reads && (request.path == "/liveness" || request.path == "/readiness")) return {};
  if (policy.readers == Readers::none) {
    return {503, "reading-is-off", "Reading is off",
            "Nobody may read this monitor. Who may is said by --readers (loopback, iap, platform, "
            "google or token) where it is started; --metrics-address serves /metrics alone."};
  }
  if (policy.readers == Readers::loopback && !is_localhost(request.host)) {
    return {421, "wrong-host", "Ask for localhost",
            "This monitor may be read from its own machine alone, by the name localhost or "
            "127.0.0.1. For others there is --readers iap, google or token."};
  }
  if (is_cross_site(request)) {
    return {403, "cross-site", "Asked by a page from elsewhere",
            "A browser says that a page of another site wants this."};
  }
  if (auto refused = refuse_reader(policy, identity)) return *std::move(refused);
  return reads ? Decision{} : judge_write(policy, request, identity);
}

}  // namespace walpulse::monitor
