#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"

namespace walpulse::rules {

/// The value of a placeholder; empty where it has none.
using ValueOf = std::function<std::string(std::string_view name)>;

/// "#data-{team}" with its values. They are cleaned, since whoever names a pipeline is not to
/// choose who reads: letters become small, and everything but a-z, 0-9 and _ becomes one -. Where
/// one has no value, the - or _ beside it goes too: "#data".
std::string filled_channel(const std::string& text, const ValueOf& value_of);

/// "data@example.com, fin@example.com": those of which every placeholder has a value, each once.
/// An address that is one placeholder alone is that value as it is, where it is an address.
std::string filled_recipients(const std::vector<std::string>& texts, const ValueOf& value_of);

// Malformed with what is wrong.
Result<void> check_slack_channel(std::string_view text);
Result<void> check_recipient(std::string_view text);

/// Plain ones alone: no comment, no quotes, no list.
bool is_mail_address(std::string_view text);

}  // namespace walpulse::rules
