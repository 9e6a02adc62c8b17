#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/timestamp.h"

namespace walpulse::mail {

struct Mail {
  std::string from;             ///< "walpulse@example.com".
  std::vector<std::string> to;  ///< Likewise.
  std::string subject;          ///< UTF-8, of any length.
  std::string body;             ///< UTF-8, lines ended by "\n".
  std::string id;               ///< What makes it one: a repeat has the same Message-ID.
  Timestamp date;
};

/// Whether it is an address that may stand in an envelope and in a header: one "@", no space,
/// control character or bracket, ASCII, at most 254 bytes.
bool is_address(std::string_view text);

/// The mail as it is sent (RFC 5322): headers in ASCII, the subject in encoded words where it has
/// to be (RFC 2047), the body as UTF-8 in base64 (RFC 2045). Lines end with CRLF and are short:
/// nothing in subject, body or id begins a header or a line of its own.
std::string mime_text(const Mail& mail);

}  // namespace walpulse::mail
