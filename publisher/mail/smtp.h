#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "decoder/base/result.h"
#include "publisher/mail/mime.h"

namespace walpulse::mail {

/// A server that takes mail.
struct SmtpServer {
  std::string url;             ///< "smtps://mail.example.com:465", "smtp://mail.example.com:587".
  std::string user, password;  ///< Empty: it asks for none.
  std::string ca_file = {};    ///< Trusted in the place of the machine's; empty: those.
};

/// Hands the mail over, within `deadline` (connecting included), until stopped. smtp:// begins in
/// the clear and goes on under TLS before anything is said (STARTTLS), or fails; on this machine
/// itself it may stay in the clear. Certificates are verified. A connection for each mail. Any
/// thread.
///
/// The server's last words: "250 2.0.0 queued as 4711". Errors have the server's refusal as their
/// code: unavailable for 4xx and where no connection came about, rejected for 5xx, denied where
/// user and password are refused or the certificate is not trusted, timed_out, cancelled.
Result<std::string> send_mail(const SmtpServer& server, const Mail& mail,
                              std::chrono::milliseconds deadline, const std::stop_token& stop);

}  // namespace walpulse::mail
