#include "publisher/sinks/stdout_sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "publisher/delivery/reader_left.h"
#include "tests/publisher/recording_sink.h"

namespace walpulse::publisher {
namespace {

struct Pipe {
  Pipe() { EXPECT_EQ(pipe(ends.data()), 0); }
  ~Pipe() {
    close_reader();
    close_writer();
  }
  void close_reader() { close_end(0); }
  void close_writer() { close_end(1); }
  /// Everything until the writer closes.
  std::string read_all() {
    std::string text;
    char bytes[4096];
    for (ssize_t got = 1; got > 0;) {
      got = read(ends[0], bytes, sizeof bytes);
      if (got > 0) text.append(bytes, static_cast<std::size_t>(got));
    }
    return text;
  }
  void close_end(std::size_t end) {
    if (ends[end] >= 0) close(ends[end]);
    ends[end] = -1;
  }
  std::array<int, 2> ends{-1, -1};
};

Message heartbeat() {
  Message made = message("{\"heartbeat\":1}");
  made.attributes = {{"ce-type", "walpulse.heartbeat"}};
  return made;
}

TEST(StdoutSink, WritesALineAnEventAndLeavesHeartbeatsOut) {
  Pipe pipe;
  const auto sink = make_stdout_sink(pipe.ends[1]);
  ASSERT_TRUE(sink->send({message("{\"a\":1}", "x"), heartbeat(), message("{\"b\":2}", "y")}));
  ASSERT_TRUE(sink->send({heartbeat()}));
  pipe.close_writer();
  EXPECT_EQ(pipe.read_all(), "{\"a\":1}\n{\"b\":2}\n");
}

TEST(StdoutSink, WritesMoreThanAPipeHolds) {
  Pipe pipe;
  const auto sink = make_stdout_sink(pipe.ends[1]);
  std::string text;
  std::jthread reader([&] { text = pipe.read_all(); });
  const std::string line(300'000, 'x');
  ASSERT_TRUE(sink->send({message(line), message(line)}));
  pipe.close_writer();
  reader.join();
  EXPECT_EQ(text, line + "\n" + line + "\n");
}

TEST(StdoutSink, AClosedReaderEndsTheStream) {
  Pipe pipe;
  const auto sink = make_stdout_sink(pipe.ends[1]);
  pipe.close_reader();
  const auto sent = sink->send({message("{}")});
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().kind, ErrorKind::rejected);
  EXPECT_NE(sent.error().message.find("closed"), std::string::npos);
  EXPECT_EQ(sent.error().code, kReaderLeft) << "no failure of anything";
}

TEST(StdoutSink, AReaderThatHangsDoesNotHoldUpAStop) {
  Pipe pipe;
  const auto sink = make_stdout_sink(pipe.ends[1]);
  std::stop_source stop;
  stop.request_stop();
  const auto sent = sink->send({message(std::string(1'000'000, 'x'))}, stop.get_token());
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().kind, ErrorKind::cancelled);
}

/// A full disk, as a limit on the size of the files this process writes.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST(StdoutSink, ALineCutByAFullDiskIsCompletedBeforeTheRetry) {
  std::string path = testing::TempDir() + "stdout-XXXXXX";
  const int fd = mkstemp(path.data());
  const auto sink = make_stdout_sink(fd);
  const std::vector<Message> batch = {message("{\"a\":1}"), message("{\"b\":2}")};
  {
    const FileSizeLimit full(11);  // In the middle of the second line.
    const auto sent = sink->send(batch);
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().kind, ErrorKind::unavailable);
    EXPECT_FALSE(sink->send(batch)) << "and it is still full";
  }
  ASSERT_TRUE(sink->send(batch));
  std::string text(100, '\0');
  text.resize(static_cast<std::size_t>(pread(fd, text.data(), text.size(), 0)));
  EXPECT_EQ(text, "{\"a\":1}\n{\"b\":2}\n{\"a\":1}\n{\"b\":2}\n");
  close(fd);
  unlink(path.c_str());
}

TEST(StdoutSink, TellsOfAClosedStdout) {
  Pipe pipe;
  const auto sink = make_stdout_sink(pipe.ends[1]);
  EXPECT_TRUE(sink->check());
  const int closed = pipe.ends[1];
  pipe.close_writer();
  EXPECT_EQ(make_stdout_sink(closed)->check().error().kind, ErrorKind::rejected);
}

TEST(StdoutSink, KeepsTheOrderOfArrival) {
  const auto sink = make_stdout_sink(STDOUT_FILENO);
  EXPECT_EQ(sink->lanes_max(), 1u);
  EXPECT_FALSE(sink->one_key_per_request());
}

}  // namespace
}  // namespace walpulse::publisher
