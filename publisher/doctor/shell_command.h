#pragma once

#include <string>
#include <string_view>

namespace walpulse::doctor {

/// `text` as one word of a POSIX shell, whatever it holds.
std::string shell_word(std::string_view text);

/// A command line for a person to paste, made word by word. Pure.
class ShellCommand {
 public:
  /// `words` stand in it as they are: "walpulse-connector setup".
  explicit ShellCommand(std::string words) : text_(std::move(words)) {}
  ShellCommand& word(std::string_view text);
  /// "--slot NAME"; nothing where the value is empty.
  ShellCommand& option(std::string_view name, std::string_view value);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// "psql 'host=10.0.0.5 dbname=mage user=mage' -c 'SELECT 1'".
std::string psql_command(std::string_view dsn, std::string_view sql);

}  // namespace walpulse::doctor
