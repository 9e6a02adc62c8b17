#include "connector/config_file.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace walpulse::connector {
namespace {

bool is_bare(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
}

/// Walks the text once. The first problem latches, as in the decoder's cursor.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ == text_.size(); }
  const std::optional<std::string>& problem() const { return problem_; }
  int line() const { return line_; }

  /// Skips blanks and comments; over line ends too where `lines`.
  void skip_space(bool lines) {
    while (!at_end()) {
      if (peek() == '#') {
        while (!at_end() && peek() != '\n') ++at_;
      } else if (peek() == ' ' || peek() == '\t' || peek() == '\r' || (lines && peek() == '\n')) {
        take();
      } else {
        return;
      }
    }
  }

  std::string key() {
    if (peek() == '[') return refuse("tables are not used here: write the keys at the top level");
    if (peek() == '"' || peek() == '\'') return string();
    return bare("a key");
  }

  void expect(char wanted) {
    if (peek() != wanted) {
      refuse(std::string("expected '") + wanted + "'");
      return;
    }
    take();
  }

  void end_of_line() {
    skip_space(false);
    if (!at_end() && peek() != '\n') refuse("unexpected text after the value");
  }

  std::vector<std::string> value() {
    if (peek() != '[') return {scalar()};
    take();
    std::vector<std::string> items;
    for (skip_space(true); !problem_ && peek() != ']'; skip_space(true)) {
      items.push_back(scalar());
      skip_space(true);
      if (peek() == ',') {
        take();
      } else if (peek() != ']') {
        refuse("expected ',' or ']' in an array");
      }
    }
    expect(']');
    return items;
  }

 private:
  char peek() const { return at_end() ? '\0' : text_[at_]; }

  char take() {
    if (at_end()) return '\0';
    if (text_[at_] == '\n') ++line_;
    return text_[at_++];
  }

  std::string refuse(std::string why) {
    if (!problem_) problem_ = std::move(why);
    at_ = text_.size();
    return "";
  }

  std::string bare(const char* what) {
    std::string word;
    while (is_bare(peek())) word += take();
    return word.empty() ? refuse(std::string("expected ") + what) : word;
  }

  std::string scalar() {
    if (peek() == '"' || peek() == '\'') return string();
    std::string word = bare("a value: a \"string\", a number, true or false");
    const bool number = std::all_of(word.begin(), word.end(), [](unsigned char c) {
      return std::isdigit(c) != 0 || c == '_' || c == '-';
    });
    if (number) std::erase(word, '_');
    if (!problem_ && !number && word != "true" && word != "false") {
      return refuse("a text must stand in quotes: \"" + word + "\"");
    }
    return word;
  }

  std::string string() {
    const char quote = take();
    std::string result;
    while (!at_end() && peek() != quote && peek() != '\n') {
      const char c = take();
      result += c == '\\' && quote == '"' ? escape() : std::string(1, c);
    }
    if (peek() != quote) return refuse("the string does not end on its line");
    take();
    return result;
  }

  std::string escape() {
    switch (take()) {
      case 'n':
        return "\n";
      case 't':
        return "\t";
      case '"':
        return "\"";
      case '\\':
        return "\\";
      default:
        return refuse(R"(only \\ \" \n and \t are known in a "string"; use 'single quotes')");
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::optional<std::string> problem_;
};

}  // namespace

Result<std::vector<ConfigEntry>> parse_config(std::string_view text) {
  Reader in(text);
  std::vector<ConfigEntry> entries;
  for (in.skip_space(true); !in.at_end(); in.skip_space(true)) {
    ConfigEntry entry;
    entry.line = in.line();
    entry.key = in.key();
    in.skip_space(false);
    if (!in.problem()) in.expect('=');
    in.skip_space(false);
    if (!in.problem()) entry.values = in.value();
    if (!in.problem()) in.end_of_line();
    if (in.problem()) break;
    const auto same = [&](const ConfigEntry& other) { return other.key == entry.key; };
    if (std::any_of(entries.begin(), entries.end(), same)) {
      return fail(ErrorKind::malformed,
                  "line " + std::to_string(entry.line) + ": " + entry.key + " is set twice");
    }
    entries.push_back(std::move(entry));
  }
  if (in.problem()) {
    return fail(ErrorKind::malformed, "line " + std::to_string(in.line()) + ": " + *in.problem());
  }
  return entries;
}

}  // namespace walpulse::connector
