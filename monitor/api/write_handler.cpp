#include "monitor/api/write_handler.h"

#include <utility>

#include "monitor/api/api_error.h"
#include "monitor/api/delivery_answers.h"
#include "monitor/api/mute_answers.h"

namespace walpulse::monitor {
namespace {

constexpr std::size_t kWritesMax = 64;

std::string_view mute_id_of(std::string_view path) {
  return path.size() > kMutesPath.size() && path[kMutesPath.size()] == '/'
             ? path.substr(kMutesPath.size() + 1)
             : std::string_view();
}

}  // namespace

WriteHandler::WriteHandler(PageLedger& ledger, std::chrono::milliseconds lasts_max,
                           std::function<Timestamp()> now)
    : ledger_(ledger), lasts_max_(lasts_max), now_(std::move(now)), thread_([this] { run(); }) {}

WriteHandler::~WriteHandler() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
  for (const Write& write : writes_) write.respond(api::response_of(api::busy()));
}

bool WriteHandler::takes(const http::ServerRequest& request) {
  if (request.method == "POST" && !retried_delivery(request.path).empty()) return true;
  if (!request.path.starts_with(kMutesPath)) return false;
  return request.method == "POST" ? request.path == kMutesPath
                                  : request.method == "DELETE" && !mute_id_of(request.path).empty();
}

void WriteHandler::ask(const http::ServerRequest& request, http::Respond respond) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && writes_.size() < kWritesMax) {
      writes_.push_back({std::string(retried_delivery(request.path)),
                         std::string(mute_id_of(request.path)), std::move(request.body),
                         std::string(request.caller), std::move(respond)});
      changed_.notify_all();
      return;
    }
  }
  respond(api::response_of(api::busy()));
}

void WriteHandler::run() {
  while (true) {
    Write write;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !writes_.empty(); });
      if (stopping_) return;
      write = std::move(writes_.front());
      writes_.pop_front();
    }
    write.respond(answer(write));
  }
}

http::ServerResponse WriteHandler::answer(const Write& write) {
  if (!write.retried.empty()) return retry_delivery(ledger_, write.retried, write.caller, now_());
  return write.id.empty() ? create_mute(ledger_, write.body, write.caller, now_(), lasts_max_)
                          : end_mute(ledger_, write.id, write.caller, now_());
}

}  // namespace walpulse::monitor
