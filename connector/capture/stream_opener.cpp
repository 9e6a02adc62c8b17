#include "connector/capture/stream_opener.h"

#include <unistd.h>

#include <random>

#include "connector/capture/slot_diagnosis.h"
#include "decoder/base/logging.h"

namespace walpulse::connector {
namespace {

void log_facts(const StreamRequest& request, const SystemIdentity& server,
               const std::string& slot) {
  const auto& [source, found, from, seen, left, look, sink] = request;
  SPDLOG_INFO(
      "streaming name={} table={} epoch={} database={} server_version={} system={} timeline={} "
      "slot={} publication={} from={} confirmed={} encoding={} wal_sender_timeout_ms={} sink={}",
      found.identity.name, table_list(found.identity), found.identity.epoch, found.server.database,
      found.server.version, server.system_identifier, server.timeline, slot, source.publication,
      to_string(from), to_string(found.slot.confirmed_flush_lsn.value_or(Lsn{})),
      found.server.encoding, found.server.wal_sender_timeout.count(), sink);
}

}  // namespace

tl::expected<std::unique_ptr<ReplicationStream>, Failure> open_stream(const StreamRequest& request,
                                                                      Wakeup& wakeup) {
  const auto& [source, found, from, seen, left, look, sink] = request;
  const bool ascii = found.server.encoding == "SQL_ASCII";
  auto stream = ReplicationStream::connect(
      {.dsn = source.dsn, .client_encoding = ascii ? "SQL_ASCII" : "UTF8"}, wakeup);
  if (!stream) return tl::unexpected<Failure>(unanswered(stream.error()));
  const auto refused = [&](const Error& error) {
    return tl::unexpected<Failure>(judge_with_slot(request.source, error));
  };
  const auto server = (*stream)->identify();
  if (!server) return refused(server.error());
  if (server->system_identifier != found.server.system_identifier ||
      server->timeline != found.server.timeline) {
    return tl::unexpected<Failure>(
        Failure{Verdict::retry, "the server changed between two connections"});
  }
  if (auto problem = rewound(seen, server->flushed)) return tl::unexpected<Failure>(*problem);
  if (left) {
    const auto fork = (*stream)->fork_point(server->timeline, left->timeline);
    if (!fork) return refused(fork.error());
    if (auto problem = left_behind(*left, *fork)) return tl::unexpected<Failure>(*problem);
  }
  std::string slot = source.slot;
  if (look) {
    slot = fmt::format("walpulse_look_{}_{:08x}", ::getpid(), std::random_device{}());
    if (auto copied = (*stream)->copy_slot(source.slot, slot); !copied) {
      return refused(copied.error());
    }
  }
  if (auto started = (*stream)->start(slot, from, source.publication); !started) {
    return refused(started.error());
  }
  log_facts(request, *server, slot);
  return std::move(*stream);
}

}  // namespace walpulse::connector
