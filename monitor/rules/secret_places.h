#pragma once

#include <string>
#include <string_view>

#include "decoder/base/result.h"
#include "monitor/rules/toml_document.h"

namespace walpulse::rules {

// Where secrets are. What is wrong is told without the value: it may be the secret itself.

/// The whole path of a file.
Result<std::string> read_secret_file(const Node& node);
/// The name of a variable.
Result<std::string> read_secret_env(const Node& node);

/// An http:// or https:// address that may stand in a file: with no user in it, and nothing that
/// looks like a token.
Result<std::string> read_open_address(const Node& node);

/// Whether a secret may be sent to this address, or be a part of it: over https, or to this
/// machine. Else rejected.
Result<void> keeps_secrets(const std::string& url);

/// "token" and its kin: keys that people write for a secret in clear.
bool is_secret_key(std::string_view key);

}  // namespace walpulse::rules
