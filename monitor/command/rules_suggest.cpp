#include "monitor/command/rules_suggest.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "monitor/command/ledger_pipelines.h"
#include "monitor/command/rules.h"
#include "monitor/rules/suggestion.h"

namespace walpulse::monitor {
namespace {

/// Why it is not there; empty where it is.
std::string write_new(const std::string& path, const std::string& text) {
  std::FILE* const file = std::fopen(path.c_str(), "wxe");
  if (file == nullptr) {
    return errno == EEXIST ? "exists already, and may have been edited: name another, or remove it"
                           : std::string("cannot be written: ") + std::strerror(errno);
  }
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool closed = std::fclose(file) == 0;
  if (written && closed) return "";
  const std::string why = std::string("cannot be written: ") + std::strerror(errno);
  std::remove(path.c_str());  // half of it would read as the whole
  return why;
}

}  // namespace

int suggest_rules(const ServeOptions& options) {
  const auto known = ledger_pipelines(options);
  if (!known) {
    complain("walpulse-monitor: " + to_string(known.error()));
    return kExitUnavailable;
  }
  const std::string text = rules::suggested_rules(known->pipelines);
  if (text.empty()) {
    complain("walpulse-monitor: the ledger knows no pipeline yet: there is nothing to suggest");
    return kExitStopped;
  }
  if (!known->all) {
    complain("warning: the ledger has more pipelines than it tells apart: the others are left out");
  }
  const std::string& path = options.rules.output;
  const std::string trouble = path.empty() ? "" : write_new(path, text);
  if (!trouble.empty()) {
    complain("walpulse-monitor: " + path + " " + trouble);
    return kExitFailed;
  }
  if (path.empty() && (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0)) {
    complain(std::string("walpulse-monitor: cannot write: ") + std::strerror(errno));
    return kExitFailed;
  }
  return kExitStopped;
}

}  // namespace walpulse::monitor
