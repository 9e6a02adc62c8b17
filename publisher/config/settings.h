#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "publisher/config/exit_codes.h"

namespace walpulse::config {

/// What was given for one setting: one text, for a list any number.
using Texts = std::vector<std::string>;
/// What is wrong with a text; nothing where it is fine.
using Problem = std::optional<std::string>;

enum class Kind : std::uint8_t {
  value,     ///< One text, or a switch where it has no value_name.
  list,      ///< May be repeated; in the environment separated by commas.
  act,       ///< A value or switch of this one call: neither a variable nor a key of the file.
  act_list,  ///< An act that may be repeated.
  argument,  ///< A word behind the command's verb; needed, and of this one call too.
};

/// The single place that says what a setting is called on the command line (--key), in the
/// environment (WALPULSE_KEY) and in the configuration file (key), and what it means.
struct SettingText {
  std::string_view key;
  std::string_view value_name;  ///< For --help; empty for a switch.
  std::string_view example;
  std::string_view help;
  unsigned commands = 0;  ///< Those that have the flag, as bits: bit_of().
  Kind kind = Kind::value;
  std::string_view last_resort = {};  ///< The platform's variable that counts where all else is
                                      ///< silent: PORT.
  /// Where set: whether a text is a secret that a flag would show to every user of the machine.
  bool (*holds_password)(const std::string& text) = nullptr;
  std::span<const std::string_view> choices = {};  ///< All that it may be; empty: not to be listed.
  unsigned needed_by = 0;  ///< Commands that do nothing without it, as bits.
};

constexpr SettingText one_of(std::span<const std::string_view> choices, SettingText text) {
  text.choices = choices;
  return text;
}
constexpr SettingText needed_by(unsigned commands, SettingText text) {
  text.needed_by = commands;
  return text;
}

/// A setting and the options that it fills.
template <class Options>
struct Setting {
  SettingText text;
  /// Stores the texts; says what is wrong with them.
  Problem (*apply)(const Texts& texts, Options& into) = nullptr;
};

/// One of the ways to call a command that has several: `sources accept NAME EPOCH`.
struct Verb {
  std::string_view name;
  std::string_view brief;
  std::vector<std::string_view> arguments = {};  ///< Keys of settings, in their order.
};

/// A command as --help tells of it.
struct CommandText {
  unsigned id = 0;  ///< The program's own enumerator.
  std::string_view name;
  std::string_view brief;
  std::string_view purpose;
  std::string_view examples;
  std::vector<ExitText> exits;  ///< Beside wrong usage and configuration, which every command has.
  std::vector<Verb> verbs = {};
};

struct Program {
  std::string_view name;
  std::string_view purpose;
  std::string_view first_steps;
  std::string_view example;      ///< A command line that is right.
  std::string_view config_file;  ///< Read where --config names no other.
  std::string_view config_line;  ///< One that is right: "http-port = 8080".
  /// Every command understands the whole environment and file. Otherwise a command looks at its own
  /// settings alone.
  bool strict = false;
  std::vector<CommandText> commands;
  std::vector<SettingText> settings;
  /// What else may stand in the environment: keys of the program that shares it.
  std::vector<std::string_view> foreign_keys = {};
};

template <class Command>
constexpr unsigned bit_of(Command command) {
  return 1u << static_cast<unsigned>(command);
}

template <class Options>
std::vector<SettingText> texts_of(std::span<const Setting<Options>> settings) {
  std::vector<SettingText> texts;
  for (const Setting<Options>& setting : settings) texts.push_back(setting.text);
  return texts;
}

/// What stands between single blanks.
std::vector<std::string_view> words_of(std::string_view text);
/// Null where there is none of this name.
const SettingText* find_setting(const Program& program, std::string_view key);
/// What is given on the command line or not at all.
bool is_of_one_call(const SettingText& setting);
/// A flag of one call: no argument.
bool is_act(const SettingText& setting);
/// What may be given several times.
bool is_list(const SettingText& setting);
/// "WALPULSE_HTTP_PORT".
std::string environment_name(std::string_view key);
/// "--http-port"; an argument's key as it is.
std::string flag_name(const SettingText& setting);
/// What stands behind it in --help: "PORT", of choices "auto|json|text"; empty for a switch.
std::string value_name(const SettingText& setting);
/// "for example --http-port 8080".
std::string example_of(const SettingText& setting);

}  // namespace walpulse::config
