#include "tests/monitor/private_postgres.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>

namespace walpulse::monitor::testing {
namespace {

/// Starts a server in a child that is killed then; returns the server's folder.
std::string folder_of_a_killed_test() {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const PrivatePostgres server;
    const std::string& folder = server.folder();
    if (::write(ends[1], folder.data(), folder.size()) > 0) ::raise(SIGKILL);
    ::_exit(1);
  }
  ::close(ends[1]);
  char text[256];
  const ssize_t size = ::read(ends[0], text, sizeof text);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  return {text, size > 0 ? static_cast<std::size_t>(size) : 0};
}

TEST(PrivatePostgres, LeavesNoFolderWhereItsTestIsKilled) {
  const std::string folder = folder_of_a_killed_test();
  ASSERT_FALSE(folder.empty());
  for (int i = 0; i < 600 && std::filesystem::exists(folder); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(std::filesystem::exists(folder));
}

}  // namespace
}  // namespace walpulse::monitor::testing
