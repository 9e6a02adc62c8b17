#include "monitor/rules/target.h"

#include <algorithm>
#include <array>

#include "monitor/rules/mistake.h"
#include "monitor/rules/placeholders.h"

namespace walpulse::rules {
namespace {

constexpr std::array<std::string_view, 5> kTargetNames = {"team", "owner", "pipeline", "source",
                                                          "trigger"};
constexpr std::size_t kChannelBytesMax = 80;
constexpr std::size_t kAddressBytesMax = 254;

bool is_small(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_alphanumeric(char c) { return is_small(c) || (c >= 'A' && c <= 'Z'); }
bool joins(char c) { return c == '-' || c == '_'; }

/// Empty where nothing of it can be kept.
std::string cleaned(std::string_view value) {
  std::string kept;
  for (char c : value) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (is_small(c) || c == '_') {
      kept += c;
    } else if (!kept.empty() && kept.back() != '-') {
      kept += '-';
    }
  }
  while (!kept.empty() && joins(kept.back())) kept.pop_back();
  return kept;
}

/// The texts of a template with this for each placeholder.
std::string with(std::string_view text, const ValueOf& value_of) {
  std::string filled;
  for (const auto& [piece, is_name] : pieces_of(text).value_or(std::vector<TextPiece>())) {
    filled += is_name ? value_of(piece) : piece;
  }
  return filled;
}

Result<void> check_names(std::string_view text) {
  const auto pieces = pieces_of(text);
  if (!pieces) return forward(pieces);
  for (const auto& [piece, is_name] : *pieces) {
    if (!is_name) continue;
    if (const auto fine = check_placeholder(piece, kTargetNames); !fine) return fine;
  }
  return {};
}

}  // namespace

std::string filled_channel(const std::string& text, const ValueOf& value_of) {
  std::string filled;
  bool is_behind_nothing = false;
  for (const auto& [piece, is_name] : pieces_of(text).value_or(std::vector<TextPiece>())) {
    const std::string part = is_name ? cleaned(value_of(piece)) : piece;
    if (part.empty()) {
      if (!filled.empty() && joins(filled.back())) filled.pop_back();
      is_behind_nothing = true;
      continue;
    }
    const bool doubled = is_behind_nothing && joins(part.front()) &&
                         (filled.empty() || !is_alphanumeric(filled.back()));
    filled += part.substr(doubled ? 1 : 0);
    is_behind_nothing = false;
  }
  return filled.substr(0, kChannelBytesMax);
}

std::string filled_recipients(const std::vector<std::string>& texts, const ValueOf& value_of) {
  std::vector<std::string> addresses;
  for (const std::string& text : texts) {
    const auto pieces = pieces_of(text).value_or(std::vector<TextPiece>());
    const bool is_whole = pieces.size() == 1 && pieces.front().is_name;
    bool complete = true;
    const std::string address = with(text, [&](std::string_view name) {
      const std::string value = value_of(name);
      const std::string kept = is_whole ? value : cleaned(value);
      complete = complete && !kept.empty();
      return kept;
    });
    if (!complete || !is_mail_address(address)) continue;
    if (std::ranges::count(addresses, address) == 0) addresses.push_back(address);
  }
  std::string list;
  for (const std::string& address : addresses) list += (list.empty() ? "" : ", ") + address;
  return list;
}

Result<void> check_slack_channel(std::string_view text) {
  if (text.find_first_of(" ,<>@&\"") != text.npos) {
    return fail(ErrorKind::malformed, in_quotes(text) + " is not one channel");
  }
  if (const auto fine = check_names(text); !fine) return fine;
  const std::string without = filled_channel(std::string(text), [](auto) { return ""; });
  if (without.empty() || without == "#") {
    return fail(ErrorKind::malformed,
                in_quotes(text) +
                    " is no channel where its placeholder has no value: write text beside it");
  }
  return {};
}

Result<void> check_recipient(std::string_view text) {
  if (const auto fine = check_names(text); !fine) return fine;
  const auto pieces = pieces_of(text).value_or(std::vector<TextPiece>());
  const bool is_whole = pieces.size() == 1 && pieces.front().is_name;
  // Whoever names a pipeline is not to choose the server that mail goes to.
  const bool host_is_open = text.find('@') != text.npos && text.rfind('{') != text.npos &&
                            text.rfind('{') > text.find('@');
  if (!is_whole && (host_is_open || !is_mail_address(with(text, [](auto) { return "a"; })))) {
    return fail(ErrorKind::malformed, in_quotes(text) + " is not a mail address");
  }
  return {};
}

bool is_mail_address(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == 0 || at == text.npos || text.size() > kAddressBytesMax) return false;
  const std::string_view host = text.substr(at + 1);
  const auto in_local = [](char c) {
    return is_alphanumeric(c) || std::string_view("._%+-").find(c) != std::string_view::npos;
  };
  const auto in_host = [](char c) { return is_alphanumeric(c) || c == '.' || c == '-'; };
  return std::ranges::all_of(text.substr(0, at), in_local) && !host.empty() &&
         std::ranges::all_of(host, in_host) && is_alphanumeric(host.front()) &&
         is_alphanumeric(host.back());
}

}  // namespace walpulse::rules
