#include "monitor/service/access_component.h"

#include <cstddef>
#include <string>
#include <utility>

#include "decoder/base/clock.h"

namespace walpulse::monitor {
namespace {

/// A key set has a few kilobytes.
constexpr std::size_t kReaderKeysBytesMax = 64 << 10;

}  // namespace

Result<void> AccessComponent::start() {
  const AccessOptions& access = options_.access;
  const Readers readers = access.readers.value_or(Readers::none);
  std::optional<ReaderTokens> tokens;
  if (readers == Readers::token) {
    auto opened = ReaderTokens::open(access.reader_token_file);
    if (!opened) return forward(opened);
    tokens = *std::move(opened);
  }
  const bool iap = readers == Readers::iap;
  if (iap || readers == Readers::google) {
    http::ClientOptions bounded;
    bounded.response_bytes_max = kReaderKeysBytesMax;
    http_ = http::make_client(bounded);
    keys_ = std::make_unique<auth::JwksCache>(
        *http_, iap ? access.iap_keys_url : options_.push_keys_url, auth::SteadyNow(),
        iap ? auth::Algorithm::es256 : auth::Algorithm::rs256);
    keys_->start();
  }
  gate_.emplace(AccessPolicy{readers, access.reader, access.writer},
                ReaderAuthenticator(readers, iap ? access.iap_audience : access.reader_audience,
                                    keys_.get(), std::move(tokens), wall_clock));
  return {};
}

void AccessComponent::stop(Clock::time_point) {
  gate_.reset();
  keys_.reset();
}

Health AccessComponent::health() const {
  if (!keys_) return {};
  const std::string none = keys_->health();
  return {{}, {none.empty() ? keys_->warning() : "readers: " + none}};
}

}  // namespace walpulse::monitor
