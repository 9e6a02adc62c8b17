#include "monitor/command/terminal.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "decoder/base/one_line.h"

namespace walpulse::monitor {

std::string user_name() {
  const passwd* user = ::getpwuid(::geteuid());
  return user != nullptr ? user->pw_name : "user " + std::to_string(::geteuid());
}

std::string to_the_second(Timestamp at) {
  const std::string text = to_rfc3339(at);
  if (text.size() < 20 || text[10] != 'T') return text;
  return text.substr(0, 10) + ' ' + text.substr(11, 8) + " UTC";
}

void print_safely(std::string_view text) {
  std::string shown;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    shown += one_line(text.substr(begin, end - begin)) + '\n';
    begin = end + 1;
  }
  std::fwrite(shown.data(), 1, shown.size(), stdout);
}

}  // namespace walpulse::monitor
