#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Which of Mage's tables an event is of.
namespace walpulse::mage {

enum class Table : std::uint8_t {
  runs,      ///< pipeline_run, and whatever else a connector was told to take for it.
  triggers,  ///< pipeline_schedule.
  blocks,    ///< block_run.
};

inline constexpr std::string_view kRunTable = "pipeline_run";
inline constexpr std::string_view kTriggerTable = "pipeline_schedule";
inline constexpr std::string_view kBlockTable = "block_run";

/// By the last part of the table's name, with its schema or without: a delete holds no more than
/// the id, so that only the name tells whose it is.
constexpr Table table_of(std::string_view table) {
  const auto ends_in = [&](std::string_view name) {
    return table.ends_with(name) &&
           (table.size() == name.size() || table[table.size() - name.size() - 1] == '.');
  };
  if (ends_in(kTriggerTable)) return Table::triggers;
  if (ends_in(kBlockTable)) return Table::blocks;
  return Table::runs;
}

/// "public.block_run" of "public.pipeline_run": the table `name` beside this one.
inline std::string beside(std::string_view table, std::string_view name) {
  const auto dot = table.rfind('.');
  std::string other(table.substr(0, dot == table.npos ? 0 : dot + 1));
  return other.append(name);
}

}  // namespace walpulse::mage
