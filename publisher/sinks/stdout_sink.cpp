#include "publisher/sinks/stdout_sink.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "publisher/delivery/reader_left.h"

namespace walpulse::publisher {
namespace {

constexpr std::size_t kStdoutMessagesMax = 1000;
constexpr std::size_t kStdoutBytesMax = 1u << 20;
/// How long a reader that does not read keeps a stop request waiting.
constexpr int kPollMs = 100;

/// Heartbeats and what else is said about events.
bool is_no_event(const Message& message) {
  constexpr std::string_view kType = R"("ce-type":")";
  std::string_view members = message.attributes.members();
  const std::size_t at = members.find(kType);  // No value holds it: its quotes have escapes.
  if (at == std::string_view::npos) return false;
  members.remove_prefix(at + kType.size());
  return members.substr(0, members.find('"')) != schema::kChangeType;
}

/// A write no larger than this does not block once poll() has said that there is room (pipe(7)).
/// Files and /dev/null never block for long.
std::size_t write_bytes_max(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return PIPE_BUF;
  const bool never_blocks = S_ISREG(status.st_mode) || (S_ISCHR(status.st_mode) && isatty(fd) == 0);
  return never_blocks ? std::numeric_limits<ssize_t>::max() : PIPE_BUF;
}

class StdoutSink final : public Sink {
 public:
  explicit StdoutSink(int fd) : fd_(fd), write_bytes_max_(write_bytes_max(fd)) {
    std::signal(SIGPIPE, SIG_IGN);
  }

  Result<void> send(const std::vector<Message>& batch, std::stop_token stop) override {
    std::string text = unfinished_line_;
    for (const Message& message : batch) {
      if (is_no_event(message)) continue;
      text += message.data;
      text += '\n';
    }
    std::size_t written = 0;
    Result<void> result = write_all(text, written, stop);
    keep_unfinished_line(text, written);
    return result;
  }

  std::size_t batch_messages_max() const override { return kStdoutMessagesMax; }
  std::size_t batch_bytes_max() const override { return kStdoutBytesMax; }
  bool one_key_per_request() const override { return false; }
  std::size_t lanes_max() const override { return 1; }
  std::string name() const override { return "stdout"; }

  Result<void> check() override {
    if (fcntl(fd_, F_GETFD) == 0 || errno != EBADF) return {};
    return fail(ErrorKind::rejected, "stdout is closed");
  }

 private:
  /// A stop request ends it at the end of a line, or where the reader has stopped reading.
  Result<void> write_all(std::string_view text, std::size_t& written, const std::stop_token& stop) {
    while (written < text.size()) {
      const bool stopping = stop.stop_requested();
      if (stopping && at_line_start(text, written)) return cancelled();
      if (!writable()) {
        if (stopping) return cancelled();
        continue;
      }
      std::string_view rest = text.substr(written);
      if (stopping) rest = rest.substr(0, rest.find('\n') + 1);
      const ssize_t count = write(fd_, rest.data(), std::min(rest.size(), write_bytes_max_));
      if (count >= 0) {
        written += static_cast<std::size_t>(count);
      } else if (errno != EINTR && errno != EAGAIN) {
        return failure(errno);
      }
    }
    return {};
  }

  bool at_line_start(std::string_view text, std::size_t written) const {
    return written == 0 ? unfinished_line_.empty() : text[written - 1] == '\n';
  }

  /// Errors and hang-ups count as writable: write() names them.
  bool writable() const {
    pollfd out{fd_, POLLOUT, 0};
    return poll(&out, 1, kPollMs) > 0;
  }

  static tl::unexpected<Error> cancelled() {
    return fail(ErrorKind::cancelled, "write to stdout cancelled");
  }

  static Result<void> failure(int error) {
    if (error == EPIPE) {
      return fail(ErrorKind::rejected, "stdout was closed by the program that read it", "",
                  kReaderLeft);
    }
    const bool closed = error == EBADF;
    return fail(closed ? ErrorKind::rejected : ErrorKind::unavailable,
                std::string("write to stdout: ") + std::strerror(error));
  }

  /// The retry sends the batch again; before it, the line that was cut is completed.
  void keep_unfinished_line(std::string_view text, std::size_t written) {
    if (written == 0) return;  // What was unfinished still is.
    unfinished_line_.clear();
    if (written == text.size() || text[written - 1] == '\n') return;
    unfinished_line_ = text.substr(written, text.find('\n', written) + 1 - written);
  }

  const int fd_;
  const std::size_t write_bytes_max_;
  std::string unfinished_line_;
};

}  // namespace

std::unique_ptr<Sink> make_stdout_sink(int fd) { return std::make_unique<StdoutSink>(fd); }

}  // namespace walpulse::publisher
