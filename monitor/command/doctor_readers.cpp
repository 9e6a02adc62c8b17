#include "monitor/command/doctor_readers.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "decoder/base/pattern.h"
#include "monitor/command/remedy_command.h"
#include "monitor/options/access_options.h"
#include "monitor/options/push_options.h"
#include "monitor/service/access_component.h"
#include "publisher/doctor/shell_command.h"

namespace walpulse::monitor {
namespace {

using Level = Check::Level;
using Changes = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kSomeIapAudience = "/projects/NUMBER/locations/REGION/services/NAME";
constexpr const char* kSomeTokenFile = "/etc/walpulse/reader-tokens";

/// What `how` needs beside itself, as far as it is not given.
Changes whole(Readers how, const AccessOptions& access) {
  Changes changes{{"readers", name_of(how)}};
  const auto need = [&](const char* key, const std::string& given, const char* example) {
    if (given.empty()) changes.emplace_back(key, example);
  };
  if (how == Readers::iap) need("iap-audience", access.iap_audience, kSomeIapAudience);
  if (how == Readers::token) need("reader-token-file", access.reader_token_file, kSomeTokenFile);
  if (how == Readers::google) {
    need("reader-audience", access.reader_audience, "https://THE_MONITOR");
    need("reader", access.reader.empty() ? "" : access.reader.front(), "EMAIL_OR_DOMAIN");
  }
  return changes;
}

/// How readers may show who they are: as it was said, or as the one setting of its own says.
Readers meant(const AccessOptions& access) {
  const Readers said = access.readers.value_or(Readers::none);
  if (said != Readers::none && said != Readers::loopback) return said;
  if (!access.reader_token_file.empty()) return Readers::token;
  return access.reader_audience.empty() ? Readers::iap : Readers::google;
}

Check bad_setting(const config::OptionProblem& problem, const ServeOptions& options) {
  std::string finding = "--" + problem.key + ": " + problem.message;
  if (!problem.remedy.empty()) finding += "; " + problem.remedy;
  return {"readers", Level::fail, std::move(finding),
          doctor_command(options, whole(meant(options.access), options.access))};
}

/// Google writes them so: of App Engine, of backends and of Cloud Run.
bool is_iap_audience(const std::string& text) {
  static const Pattern audience(
      "/projects/[0-9]+/(apps/[A-Za-z0-9_:.-]+|(global|regions/[A-Za-z0-9_-]+)/backendServices/"
      "[0-9]+|locations/[A-Za-z0-9_-]+/services/[A-Za-z0-9_-]+)");
  return audience.matches(text);
}

void check_iap(const ServeOptions& options, std::vector<Check>& checks) {
  if (is_iap_audience(options.access.iap_audience)) return;
  checks.push_back(
      {"iap audience", Level::fail,
       "no assertion of Identity-Aware Proxy is made out to '" + options.access.iap_audience +
           "': everybody would get 401. It begins with /projects/ and the project's number, which "
           "is not its name: gcloud projects describe PROJECT --format='value(projectNumber)'",
       doctor_command(options, {{"iap-audience", kSomeIapAudience}})});
}

void check_tokens(const ServeOptions& options, std::vector<Check>& checks) {
  const std::filesystem::path file = options.access.reader_token_file;
  const std::string word = doctor::shell_word(file.string());
  AccessComponent access(options);
  if (const auto started = access.start(); !started) {
    checks.push_back(doctor::failed("reader tokens", started.error(), "ls -l " + word));
    checks.back().finding +=
        "; serve would not start (doctor runs as this user, serve perhaps not)";
    return;
  }
  access.stop({});
  std::error_code unknown;
  const auto permissions = std::filesystem::status(file, unknown).permissions();
  using std::filesystem::perms;
  if (unknown || (permissions & (perms::others_read | perms::others_write)) == perms::none) return;
  checks.push_back({"reader tokens", Level::warn,
                    file.string() + " is open to everybody on this machine: who reads it may read "
                                    "the monitor under any name in it",
                    "chmod o= " + word});
}

bool covers(const std::string& reader, const std::string& writer) {
  const auto domain = writer.find('@');
  return reader == "*" || reader == writer ||
         (domain != std::string::npos && reader == writer.substr(domain + 1));
}

/// A writer must be let in first.
void check_writers(const ServeOptions& options, std::vector<Check>& checks) {
  const AccessOptions& access = options.access;
  if (access.reader.empty()) return;
  std::vector<std::string> shut_out;
  for (const std::string& writer : access.writer) {
    const bool named =
        std::any_of(access.reader.begin(), access.reader.end(),
                    [&](const std::string& reader) { return covers(reader, writer); });
    if (!named && writer != "*") shut_out.push_back(writer);
  }
  if (shut_out.empty()) return;
  Changes changes;
  for (const std::string& grant : access.reader) changes.emplace_back("reader", grant);
  for (const std::string& grant : shut_out) changes.emplace_back("reader", grant);
  checks.push_back({"writers", Level::warn,
                    "no --reader names " + doctor::joined(shut_out) +
                        ": who may not read can change nothing either",
                    doctor_command(options, changes)});
}

std::string named(const std::vector<std::string>& grants, const char* none) {
  return grants.empty() ? none : doctor::joined(grants);
}

Check nobody(const ServeOptions& options) {
  const AccessOptions& access = options.access;
  std::string finding = "none: the page, the API, /metrics and /health at " + options.http_address +
                        " are answered with 503";
  if (!access.metrics_address.empty())
    finding += ", but for /metrics and /health at " + access.metrics_address;
  if (!access.readers_by_default)
    return doctor::ok("readers", finding + "; walpulse-monitor page may show them elsewhere");
  Check check{"readers", Level::warn,
              finding +
                  "; say how readers show who they are (behind Identity-Aware Proxy, or by a "
                  "token), or --readers none where nobody shall",
              doctor_command(options, whole(Readers::iap, access))};
  check.otherwise = doctor_command(options, whole(Readers::token, access));
  return check;
}

}  // namespace

std::vector<Check> check_readers(const ServeOptions& options, const Environment& environment) {
  std::vector<Check> checks;
  for (const auto& problem : check_access(options, environment))
    checks.push_back(bad_setting(problem, options));
  if (!checks.empty()) return checks;
  const AccessOptions& access = options.access;
  const Readers readers = access.readers.value_or(Readers::none);
  if (readers == Readers::none) return {nobody(options)};
  if (readers == Readers::loopback)
    return {doctor::ok("readers", "loopback: whoever is on this machine reads, and writes: " +
                                      named(access.writer, "nobody"))};
  if (readers == Readers::iap) check_iap(options, checks);
  if (readers == Readers::token) check_tokens(options, checks);
  if (readers == Readers::google && std::ranges::count(access.reader, "*") > 0) {
    checks.push_back({"readers", Level::warn,
                      "google: whoever has an account at Google may read (--reader '*')",
                      doctor_command(options, {{"reader", "EMAIL_OR_DOMAIN"}})});
  }
  check_writers(options, checks);
  if (checks.empty()) {
    checks.push_back(doctor::ok("readers", std::string(name_of(readers)) + ": reads: " +
                                               named(access.reader, "whoever is let through") +
                                               "; writes: " + named(access.writer, "nobody")));
  }
  return checks;
}

}  // namespace walpulse::monitor
