#pragma once

#include <curl/curl.h>

#include <memory>
#include <stop_token>

#include "decoder/base/freed_by.h"
#include "decoder/base/result.h"

namespace walpulse::http {

using CurlEasy = std::unique_ptr<CURL, FreedBy<curl_easy_cleanup>>;
using CurlMulti = std::unique_ptr<CURLM, FreedBy<curl_multi_cleanup>>;
using CurlList = std::unique_ptr<curl_slist, FreedBy<curl_slist_free_all>>;

/// libcurl's process-wide part. With CURLOPT_NOSIGNAL libcurl leaves SIGPIPE to the program, and
/// OpenSSL writes to sockets in a way that raises it: from here on it is ignored.
void initialise_curl();

/// Runs the transfer that `easy` describes to its end, or until stopped, at once: only a multi
/// handle can be woken up. CURLE_ABORTED_BY_CALLBACK where it was stopped.
CURLcode perform(CURLM* multi, CURL* easy, const std::stop_token& stop);

/// What a failed transfer means. One that ran out of time before it had a connection was never
/// sent: unavailable.
ErrorKind kind_of_failure(CURL* easy, CURLcode code);

}  // namespace walpulse::http
