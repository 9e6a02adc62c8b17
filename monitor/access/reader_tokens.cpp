#include "monitor/access/reader_tokens.h"

#include <algorithm>
#include <fstream>

#include "publisher/http/header_field.h"

namespace walpulse::monitor {
namespace {

constexpr std::size_t kFileBytesMax = 64 << 10;

/// The length is no secret, the content is.
bool equal_in_constant_time(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  volatile unsigned char difference = 0;
  for (std::size_t i = 0; i < one.size(); ++i)
    difference = static_cast<unsigned char>(difference | (one[i] ^ other[i]));
  return difference == 0;
}

/// What a header can carry (RFC 6750, section 2.1).
bool is_token(std::string_view text) {
  return text.size() >= ReaderTokens::kBytesMin &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return http::trimmed(line);
}

}  // namespace

Result<ReaderTokens> ReaderTokens::read(std::string_view text) {
  ReaderTokens tokens;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t blank = line.find_first_of(" \t");
    const bool named = blank != std::string_view::npos;
    const std::string_view token = named ? http::trimmed(line.substr(blank)) : line;
    if (!is_token(token)) {
      return fail(ErrorKind::rejected,
                  "line " + std::to_string(number) + " holds no token of " +
                      std::to_string(kBytesMin) + " printable characters or more",
                  "a line is NAME TOKEN; openssl rand -hex 24 makes a token");
    }
    tokens.entries_.push_back(
        {named ? std::string(line.substr(0, blank)) : "token", std::string(token)});
  }
  if (tokens.entries_.empty())
    return fail(ErrorKind::rejected, "there is no token in it",
                "a line is NAME TOKEN; openssl rand -hex 24 makes a token");
  return tokens;
}

Result<ReaderTokens> ReaderTokens::open(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(kFileBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad() || !in.eof())
    return fail(ErrorKind::denied, "cannot read the tokens in " + file.string(),
                "let this program's user read that file, of at most 64 kB");
  auto tokens = read(text);
  if (!tokens) {
    Error error = tokens.error();
    error.message = file.string() + ": " + error.message;
    return tl::unexpected(std::move(error));
  }
  return tokens;
}

std::optional<std::string> ReaderTokens::name_of(std::string_view token) const {
  const Entry* found = nullptr;
  for (const Entry& each : entries_)
    if (equal_in_constant_time(each.token, token)) found = &each;
  if (found == nullptr) return std::nullopt;
  return found->name;
}

}  // namespace walpulse::monitor
