#pragma once

#include <string>
#include <vector>

#include "monitor/options/options.h"

namespace walpulse::monitor {

/// Fills in what was left open, where all given values read: platform on Cloud Run (refuse where it
/// only pulls), refuse in a worker pool, else none on loopback. Only where pushes are authenticated
/// or refused, or forced, every address is listened on.
void settle_push(ServeOptions& options, const Environment& environment);

/// What stands against the settled options. None of the messages repeats a secret.
std::vector<config::OptionProblem> check_push(const ServeOptions& options,
                                              const Environment& environment);

/// Whether the environment says anything by this name.
bool is_set(const Environment& environment, const char* name);
/// "verify", as on the command line.
const char* name_of(PushAuth auth);
bool is_loopback(const std::string& address);
/// Whether keys may be fetched from there: from elsewhere by https alone. A key set from an address
/// that anybody can answer for would let anybody in.
bool is_key_url(const std::string& url);

}  // namespace walpulse::monitor
