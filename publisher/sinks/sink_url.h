#pragma once

#include <string>
#include <string_view>

#include "decoder/base/result.h"

namespace walpulse::publisher {

/// Reads `pubsub://PROJECT/TOPIC` into "projects/PROJECT/topics/TOPIC". Rejected, with a valid
/// example, where Pub/Sub would refuse the names
/// (https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names).
Result<std::string> parse_topic_url(std::string_view url);

/// Reads `http(s)://host[:port][/path]`. Rejected with credentials in it: they would end up in
/// process lists and logs.
Result<std::string> parse_push_url(std::string_view url);

}  // namespace walpulse::publisher
