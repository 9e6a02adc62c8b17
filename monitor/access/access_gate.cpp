#include "monitor/access/access_gate.h"

#include <utility>

#include "decoder/base/logging.h"
#include "monitor/access/refusal.h"

namespace walpulse::monitor {

AccessGate::AccessGate(AccessPolicy policy, ReaderAuthenticator authenticator)
    : policy_(std::move(policy)), authenticator_(std::move(authenticator)) {}

std::optional<http::ServerResponse> AccessGate::admit(const http::RequestHead& head) {
  const AccessRequest request = access_request(head);
  const Identity identity = authenticator_.identify(head);
  const Decision decision = monitor::admit(policy_, request, identity);
  if (decision.taken()) {
    if (head.caller != nullptr) *head.caller = identity.name;
    return std::nullopt;
  }
  // Whoever shows nothing, or asks where nobody may, tells the operator nothing.
  const bool telling = policy_.readers != Readers::none &&
                       (decision.status != 401 || identity.proof == Identity::Proof::bad);
  if (telling) {
    if (const auto held_back = log_.pass()) {
      SPDLOG_WARN("a request was refused status={} type={} reason=\"{}\" more_like_it={}",
                  decision.status, decision.type,
                  identity.problem.empty() ? decision.title : identity.problem, *held_back);
    }
  }
  return refusal(decision, request);
}

}  // namespace walpulse::monitor
