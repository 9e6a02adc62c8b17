#include "connector/session/introduction_message.h"

#include "connector/session/ack_tracker.h"
#include "decoder/schema/introduction.h"

namespace walpulse::connector {

publisher::Message introduction_message(const CaptureIdentity& identity,
                                        const std::string& database, const std::string& publication,
                                        Timestamp now) {
  schema::Introduction introduction;
  introduction.name = identity.name;
  introduction.table = to_string(identity.tables.front().name);
  introduction.epoch = identity.epoch;
  introduction.system_identifier = identity.system_identifier;
  introduction.database = database;
  introduction.publication = publication;
  introduction.follows = identity.follows;
  introduction.sent_at = now;
  return {.data = to_json(introduction),
          .attributes = introduction_attributes(introduction),
          .ordering_key = introduction_ordering_key(introduction),
          .ticket = AckTracker::kNoTicket};
}

}  // namespace walpulse::connector
