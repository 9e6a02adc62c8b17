#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Runs as the build wrote them that wrote the third format; ledger_v5.sql holds them too.
namespace walpulse::monitor::testing {

/// INITIAL, RUNNING, FAILED, RUNNING; made by trigger 7, with a label of its own.
inline constexpr std::string_view kThirdFormatRetried =
    "0304C11BA0A87A80D49FFDC9ACB00601909880D80601FFAA8F12010E01056461696C790107706172746E6572"
    "0461636D6507C80180897A0275010001C80180897A0401C80180897A0200070000012D0307706172746E6572"
    "0461636D6508706970656C696E65056461696C79077472696767657207747269676765720100020006000100"
    "02040100070401000800010003000100000102056461696C790000";
/// INITIAL, FAILED; of the pipeline `hourly`, made by no trigger.
inline constexpr std::string_view kThirdFormatFailed =
    "0302C10990D77A80E2ED99CAACB00601909880D80601FFB8DD2E0106686F75726C790390038092F401047500"
    "03000001200208706970656C696E6506686F75726C790774726967676572066D616E75616C02040100080001"
    "0000040406686F75726C790000000000";

inline std::string bytes_of_digits(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
  return bytes;
}

}  // namespace walpulse::monitor::testing
