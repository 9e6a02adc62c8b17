#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"
#include "publisher/config/settings.h"

namespace walpulse::config {

/// The program is to print `text` and end: --help, --version, or what is wrong.
struct Exit {
  int code = 0;  ///< The text goes to stderr unless this is 0.
  std::string text;
};

using Environment = std::function<const char*(const char*)>;  ///< getenv.

/// Prints it where it belongs; returns its code. A reader that has left (`--help | head`) is no
/// failure.
int leave(const Exit& exit);

/// The outside world as far as options need it.
struct Sources {
  Environment environment;
  /// The text of a file; nothing where there is none, an error where it cannot be read.
  std::function<Result<std::optional<std::string>>(const std::string& path)> read_file;
  /// What the environment's variables are called; those of WALPULSE_ are enough.
  std::function<std::vector<std::string>()> variable_names = {};
  /// Is told what is amiss and ends nothing, a line each.
  std::function<void(const std::string& line)> warn = {};
  std::size_t columns = 80;  ///< Of whoever reads --help.
};
/// This process's environment, files and terminal. Warnings go to stderr.
Sources process_sources();

/// Something wrong with what the options come to.
struct OptionProblem {
  std::string key;
  std::string message;
  std::string remedy = {};  ///< The setting's example where empty.
  /// It does nothing here: no harm where it comes from the environment, which both programs share.
  bool idle = false;
};

/// What is wrong with texts of a setting that has choices.
std::optional<OptionProblem> check_choices(const SettingText& setting, const Texts& texts);

/// What the user gave for one command, and all that is wrong with it: flag over environment over
/// file, not yet understood.
class Given {
 public:
  enum class From : std::uint8_t { flag, environment, file };
  struct Value {
    Texts texts;
    std::string where;  ///< As the user wrote it: "--slot", "WALPULSE_SLOT", "FILE: line 3: slot".
    From from = From::file;
  };

  Given(const Program& program, unsigned command, std::string verb);

  /// The enumerator of the command.
  unsigned command() const { return command_; }
  /// Empty where the command has none.
  const std::string& verb() const { return verb_; }

  /// The first source that gives a setting wins.
  void offer(const SettingText& setting, Value value);
  /// Null where it was not given, or does not concern this command.
  const Value* find(const SettingText& setting) const;

  /// `line` says what it is about; a wrong flag and a wrong configuration are told apart by the
  /// exit code.
  void refuse(bool flag, const std::string& line);
  /// What was given for the setting does not read; nothing more is said of it.
  void refuse_text(const SettingText& setting, const std::string& problem,
                   const std::string& remedy = {});
  /// What is wrong with the options as a whole.
  void refuse_option(const OptionProblem& problem);

  bool refused() const { return !lines_.empty(); }
  /// Every problem, and the code to end with.
  Exit exit() const;

 private:
  bool concerns(const SettingText& setting) const;

  const Program* program_;
  unsigned command_;
  std::string verb_;
  std::map<std::string_view, Value> values_;
  std::set<std::string_view> unreadable_;
  std::string lines_;
  bool flags_ = false;  ///< A flag is among what is wrong.
};

/// Flag > WALPULSE_* variable > configuration file. `arguments` without the program's name;
/// `program` must outlive what comes of it.
tl::expected<Given, Exit> gather(const Program& program, const std::vector<std::string>& arguments,
                                 const Sources& sources);

/// Stores what was given in `options`, then has `check` say what is wrong with the whole: it may
/// fill in what was left open. Every problem is reported at once.
template <class Options, class Check>
tl::expected<Options, Exit> understand(Given given, std::span<const Setting<Options>> settings,
                                       Options options, const Check& check) {
  for (const Setting<Options>& setting : settings) {
    const Given::Value* value = given.find(setting.text);
    if (value == nullptr) continue;
    if (const auto wrong = check_choices(setting.text, value->texts)) {
      given.refuse_text(setting.text, wrong->message, wrong->remedy);
    } else if (const auto problem = setting.apply(value->texts, options)) {
      given.refuse_text(setting.text, *problem);
    }
  }
  for (const OptionProblem& problem : check(options)) given.refuse_option(problem);
  if (given.refused()) return tl::unexpected(given.exit());
  return options;
}

}  // namespace walpulse::config
