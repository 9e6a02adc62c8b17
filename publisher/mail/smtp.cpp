#include "publisher/mail/smtp.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <utility>

#include "publisher/http/curl_transfer.h"

namespace walpulse::mail {
namespace {

constexpr long kConnectMilliseconds = 5'000;
/// Codes of SMTP (RFC 5321, section 4.2; RFC 4954, section 4).
constexpr long kAuthenticationRequired = 530;
constexpr long kAuthenticationFailed = 535;

/// What is left to be sent.
struct Upload {
  std::string_view rest;

  static std::size_t read(char* to, std::size_t size, std::size_t count, void* self) {
    auto& upload = *static_cast<Upload*>(self);
    const std::size_t bytes = std::min(size * count, upload.rest.size());
    std::memcpy(to, upload.rest.data(), bytes);
    upload.rest.remove_prefix(bytes);
    return bytes;
  }
};

/// The server's last line that is an answer: libcurl gives each line to the header callback.
std::size_t keep_line(char* data, std::size_t, std::size_t size, void* to) {
  auto& last = *static_cast<std::string*>(to);
  const std::string_view line(data, std::min<std::size_t>(size, 300));
  const bool is_answer = line.size() > 3 && std::isdigit(static_cast<unsigned char>(line[0])) != 0;
  // The answer to QUIT is nobody's news.
  if (is_answer && !line.starts_with("221")) {
    last = line;
    std::ranges::replace_if(
        last, [](unsigned char c) { return c < ' ' || c > '~'; }, ' ');
    while (last.ends_with(' ')) last.pop_back();
  }
  return size;
}

bool is_this_machine(const std::string& url) {
  const std::size_t begin = url.find("://") + 3;
  const std::string host = url.substr(begin, url.find_first_of(":/", begin) - begin);
  return host == "localhost" || host == "127.0.0.1" || url.substr(begin).starts_with("[::1]");
}

/// The envelope and the text. What it points to must outlive the transfer.
void describe(CURL* easy, const SmtpServer& server, const Mail& mail, curl_slist* recipients,
              std::chrono::milliseconds deadline) {
  curl_easy_setopt(easy, CURLOPT_URL, server.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(
      easy, CURLOPT_USE_SSL,
      static_cast<long>(is_this_machine(server.url) ? CURLUSESSL_TRY : CURLUSESSL_ALL));
  if (!server.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, server.ca_file.c_str());
  if (!server.user.empty()) {
    curl_easy_setopt(easy, CURLOPT_USERNAME, server.user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, server.password.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_MAIL_FROM, mail.from.c_str());
  curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, recipients);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, kConnectMilliseconds);
  // libcurl reads 0 as "no limit"; a deadline already passed must not become that.
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, std::max(1L, static_cast<long>(deadline.count())));
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
}

ErrorKind kind_of_answer(long code, CURL* easy, CURLcode failed) {
  if (code == kAuthenticationFailed || code == kAuthenticationRequired ||
      failed == CURLE_LOGIN_DENIED)
    return ErrorKind::denied;
  if (failed == CURLE_OPERATION_TIMEDOUT) return http::kind_of_failure(easy, failed);
  if (code >= 500) return ErrorKind::rejected;
  if (code >= 400) return ErrorKind::unavailable;
  return http::kind_of_failure(easy, failed);
}

std::string remedy_of(ErrorKind kind, CURLcode failed) {
  if (failed == CURLE_USE_SSL_FAILED)
    return "the server offers no STARTTLS: give smtps:// and its port, 465 as a rule";
  if (kind != ErrorKind::denied) return "";
  return failed == CURLE_PEER_FAILED_VERIFICATION || failed == CURLE_SSL_CACERT_BADFILE
             ? "its certificate is not trusted: give the CA's file, or add it with "
               "update-ca-certificates"
             : "the server refuses user and password: give others in their files";
}

}  // namespace

Result<std::string> send_mail(const SmtpServer& server, const Mail& mail,
                              std::chrono::milliseconds deadline, const std::stop_token& stop) {
  if (!is_address(mail.from)) return fail(ErrorKind::rejected, "the sender is not a mail address");
  if (mail.to.empty() || !std::ranges::all_of(mail.to, is_address))
    return fail(ErrorKind::rejected, "a recipient is not a mail address");
  http::initialise_curl();
  const http::CurlEasy easy(curl_easy_init());
  const http::CurlMulti multi(curl_multi_init());
  if (!easy || !multi) return fail(ErrorKind::unavailable, "libcurl has no memory");
  http::CurlList recipients;
  for (const std::string& to : mail.to)
    recipients.reset(curl_slist_append(recipients.release(), to.c_str()));
  describe(easy.get(), server, mail, recipients.get(), deadline);
  const std::string text = mime_text(mail);
  Upload upload{text};
  curl_easy_setopt(easy.get(), CURLOPT_READFUNCTION, &Upload::read);
  curl_easy_setopt(easy.get(), CURLOPT_READDATA, &upload);
  std::string last;
  curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, &keep_line);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &last);
  char error[CURL_ERROR_SIZE] = {};
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, error);

  const CURLcode code = http::perform(multi.get(), easy.get(), stop);
  if (stop.stop_requested()) return fail(ErrorKind::cancelled, "mail cancelled");
  if (code == CURLE_OK) return last;
  long answered = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &answered);
  const ErrorKind kind = kind_of_answer(answered, easy.get(), code);
  std::string said = error[0] != '\0' ? error : curl_easy_strerror(code);
  if (answered >= 400 && !last.empty()) said += ": " + last;
  return fail(kind, std::move(said), remedy_of(kind, code),
              answered < 400 ? "" : std::to_string(answered));
}

}  // namespace walpulse::mail
