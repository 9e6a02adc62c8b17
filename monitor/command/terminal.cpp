#include "monitor/command/terminal.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

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

void print_safely(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return (c < ' ' && c != '\n') || c == 0x7F; }, '?');
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace walpulse::monitor
