#include "connector/recover/recovery.h"

#include <ostream>

#include "connector/command/setup_steps.h"

namespace walpulse::connector {

Result<void> Recovery::execute(const Snapshot& snapshot) {
  return drop_slots()
      .and_then([&] { return renew_publication(); })
      .and_then([&] { return make_slots(); })
      .and_then([&] { return identify(); })
      .and_then([&] {
        out_ << "reading  the tables (a snapshot of every row)" << std::endl;
        return snapshot(identity_);
      })
      .and_then([&] { return open_capture(); });
}

/// The live slot last of the two: without it, whoever looks sees a gap.
Result<void> Recovery::drop_slots() {
  const auto drop = [&](bool wanted, const char* what, const std::string& name) -> Result<void> {
    if (!wanted) return {};
    auto dropped = session_.capture().drop_slot(name);
    if (dropped) out_ << "dropped  " << what << " " << name << std::endl;
    return dropped;
  };
  return drop(plan_.drop_anchor, "anchor", anchor_slot(plan_.source)).and_then([&] {
    return drop(plan_.drop_slot, "slot", plan_.source.slot);
  });
}

/// Before the slot: a slot cannot decode what was written before its publication. The old comment
/// goes with the publication, so the name and the epoch stand in the new one's at once.
Result<void> Recovery::renew_publication() {
  const auto server = session_.admin().server();
  if (!server) return forward(server);
  epoch_ = next_epoch(server->now, plan_.epoch_above);
  auto made = publish(session_.admin(), renew_publication_sql(plan_, provisional(plan_, epoch_)),
                      plan_.tables, invocation_.slot_timeout, out_,
                      "The slots are dropped: run recover again, it begins anew");
  if (made) out_ << "renewed  publication " << plan_.source.publication << std::endl;
  return made;
}

Result<void> Recovery::make_slots() {
  const SourceOptions& source = plan_.source;
  out_ << "making   slot " << source.slot << " (waits for transactions that write)" << std::endl;
  const auto made = make_slot(session_, source.slot, invocation_.slot_timeout);
  if (!made) return forward(made);
  out_ << "created  slot " << source.slot << " at " << to_string(*made) << std::endl;
  if (!plan_.create_anchor) return {};
  auto copied = session_.capture().copy_slot(source.slot, anchor_slot(source));
  if (copied) out_ << "created  anchor " << anchor_slot(source) << std::endl;
  return copied;
}

/// The epoch lies after the slot, and no later attempt may fall back to it: rows will carry it.
Result<void> Recovery::identify() {
  auto identity = new_identity(session_.admin(), plan_.source, plan_.tables, epoch_);
  if (!identity) return forward(identity);
  identity_ = *identity;
  identity_.follows = plan_.follows;
  return session_.admin().execute(comment_sql(plan_.source, provisional(plan_, identity_.epoch)));
}

/// Over a connection of its own: the snapshot may have taken hours.
Result<void> Recovery::open_capture() {
  auto session = CommandSession::open(plan_.source);
  if (!session) return forward(session);
  auto written = session->admin().execute(comment_sql(plan_.source, identity_));
  if (written) {
    out_ << "wrote    identity name=" << identity_.name << " epoch=" << identity_.epoch
         << " system=" << identity_.system_identifier << std::endl;
  }
  return written;
}

}  // namespace walpulse::connector
