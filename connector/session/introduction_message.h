#pragma once

#include <string>

#include "connector/catalog/capture_identity.h"
#include "decoder/base/timestamp.h"
#include "publisher/delivery/publisher.h"

namespace walpulse::connector {

/// What a command that sends no heartbeats says before its first event: to which history the epoch
/// of its events belongs.
publisher::Message introduction_message(const CaptureIdentity& identity,
                                        const std::string& database, const std::string& publication,
                                        Timestamp now);

}  // namespace walpulse::connector
