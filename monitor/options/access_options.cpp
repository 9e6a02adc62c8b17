#include "monitor/options/access_options.h"

#include <charconv>
#include <string_view>
#include <utility>

#include "decoder/base/pattern.h"
#include "monitor/options/push_options.h"

namespace walpulse::monitor {
namespace {

using config::OptionProblem;

/// Settings that one way of proof has, and no other.
struct OwnSetting {
  const char* key;
  Readers readers;
  bool given;
};

/// An address, a domain, the name of a token, or everybody.
bool is_grant(const std::string& text) {
  static const Pattern grant("[*]|[^[:space:]@*,]+|[^[:space:]@*,]+@[^[:space:]@*,]+");
  return grant.matches(text);
}

void check_grants(const char* key, const std::vector<std::string>& grants,
                  std::vector<OptionProblem>& problems) {
  for (const std::string& each : grants) {
    if (is_grant(each)) continue;
    problems.push_back({key, "'" + each + "' is neither an e-mail address nor a domain",
                        "for example --" + std::string(key) + " ana@example.com, or example.com"});
  }
}

void check_proof(const ServeOptions& options, const Environment& environment,
                 std::vector<OptionProblem>& problems) {
  const AccessOptions& access = options.access;
  switch (access.readers.value_or(Readers::none)) {
    case Readers::loopback:
      if (is_loopback(options.http_address)) break;
      problems.push_back({"readers",
                          "loopback means this machine alone, and " + options.http_address +
                              " is reached from others",
                          "listen on --http-address 127.0.0.1, or say how readers prove who they "
                          "are: --readers iap, platform, google or token"});
      break;
    case Readers::iap:
      if (!access.iap_audience.empty()) break;
      problems.push_back({"readers", "iap needs to know whom its assertions are made out to",
                          "give --iap-audience, for example --iap-audience "
                          "/projects/123456789012/locations/europe-west1/services/walpulse-page"});
      break;
    case Readers::platform:
      if (is_set(environment, "K_SERVICE")) break;
      problems.push_back({"readers",
                          "platform trusts that Cloud Run has checked each token, but this is no "
                          "Cloud Run service (K_SERVICE is not set)",
                          "use --readers google here"});
      break;
    case Readers::google:
      if (access.reader_audience.empty()) {
        problems.push_back({"readers", "google needs to know whom tokens are made out to",
                            "give --reader-audience, for example --reader-audience "
                            "https://walpulse.example.com"});
      }
      if (access.reader.empty()) {
        problems.push_back({"readers", "google would let in everybody who has an account there",
                            "name who may read, by --reader ana@example.com or --reader "
                            "example.com (or --reader '*' for all of them)"});
      }
      break;
    case Readers::token:
      if (!access.reader_token_file.empty()) break;
      problems.push_back({"readers", "token needs a file of tokens",
                          "give --reader-token-file, for example --reader-token-file "
                          "/etc/walpulse/reader-tokens"});
      break;
    case Readers::none:
      if (options.command != Command::page) break;
      problems.push_back({"readers", "is none: nobody would see the page",
                          "say how readers prove who they are: --readers iap, platform, google or "
                          "token, or loopback with --http-address 127.0.0.1"});
      break;
  }
}

}  // namespace

void settle_access(ServeOptions& options) {
  std::optional<Readers>& readers = options.access.readers;
  if (options.command == Command::page && options.http_address.empty()) {
    const bool others = readers && *readers != Readers::loopback && *readers != Readers::none;
    options.http_address = others ? "0.0.0.0" : "127.0.0.1";
  }
  options.access.readers_by_default = !readers;
  if (!readers) readers = is_loopback(options.http_address) ? Readers::loopback : Readers::none;
  if (*readers == Readers::loopback && options.access.writer.empty()) options.access.writer = {"*"};
}

std::vector<OptionProblem> check_access(const ServeOptions& options,
                                        const Environment& environment) {
  std::vector<OptionProblem> problems;
  const AccessOptions& access = options.access;
  const Readers readers = access.readers.value_or(Readers::none);
  check_proof(options, environment, problems);
  for (const OwnSetting& own :
       {OwnSetting{"iap-audience", Readers::iap, !access.iap_audience.empty()},
        {"reader-audience", Readers::google, !access.reader_audience.empty()},
        {"reader-token-file", Readers::token, !access.reader_token_file.empty()}}) {
    if (!own.given || readers == own.readers) continue;
    problems.push_back({own.key, "means nothing with --readers " + std::string(name_of(readers)),
                        "add --readers " + std::string(name_of(own.readers))});
  }
  check_grants("reader", access.reader, problems);
  check_grants("writer", access.writer, problems);
  if (!is_key_url(access.iap_keys_url)) {
    problems.push_back(
        {"iap-keys-url", "'" + access.iap_keys_url +
                             "' is not an https URL (plain http is taken from this machine only)"});
  }
  if (!access.metrics_address.empty() && !listen_address(access.metrics_address)) {
    problems.push_back({"metrics-address",
                        "'" + access.metrics_address + "' is not an address and a port",
                        "for example --metrics-address 0.0.0.0:9090"});
  }
  return problems;
}

const char* name_of(Readers readers) {
  switch (readers) {
    case Readers::loopback:
      return "loopback";
    case Readers::iap:
      return "iap";
    case Readers::platform:
      return "platform";
    case Readers::google:
      return "google";
    case Readers::token:
      return "token";
    case Readers::none:
      break;
  }
  return "none";
}

std::optional<ListenAddress> listen_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  ListenAddress found{text.substr(0, colon), 0};
  const bool bracketed = found.address.starts_with('[') && found.address.ends_with(']');
  if (bracketed) found.address = found.address.substr(1, found.address.size() - 2);
  if (found.address.empty() || (!bracketed && found.address.find(':') != std::string::npos))
    return std::nullopt;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, found.port);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return found;
}

}  // namespace walpulse::monitor
