#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/types.h"

/// Writes the pgoutput messages of a table public.pipeline_run(id int4 key, status text), as the
/// PostgreSQL manual lays them out ("Logical Replication Message Formats").
namespace walpulse::connector::testing {

inline constexpr std::uint32_t kTable = 16'400;

inline std::string big_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(value >> shift & 0xff);
  }
  return out;
}

inline std::string begin(Lsn commit_lsn, std::uint32_t xid) {
  return "B" + big_endian(commit_lsn.value, 8) + big_endian(1'000'000, 8) + big_endian(xid, 4);
}

inline std::string commit(Lsn commit_lsn, Lsn end_lsn) {
  return "C" + big_endian(0, 1) + big_endian(commit_lsn.value, 8) + big_endian(end_lsn.value, 8) +
         big_endian(1'000'000, 8);
}

inline std::string relation(std::string_view table = "pipeline_run", std::uint32_t oid = kTable) {
  const auto text = [](std::string_view value) { return std::string(value) + '\0'; };
  const auto column = [&](bool key, std::string_view name, std::uint32_t type) {
    return big_endian(key ? 1 : 0, 1) + text(name) + big_endian(type, 4) +
           big_endian(0xffffffff, 4);
  };
  return "R" + big_endian(oid, 4) + text("public") + text(table) + "d" + big_endian(2, 2) +
         column(true, "id", 23) + column(false, "status", 25);
}

inline std::string insert(int id, std::string_view status, std::uint32_t oid = kTable) {
  const auto value = [](std::string_view text) {
    return "t" + big_endian(text.size(), 4) + std::string(text);
  };
  return "I" + big_endian(oid, 4) + "N" + big_endian(2, 2) + value(std::to_string(id)) +
         value(status);
}

inline std::string truncate(const std::vector<std::uint32_t>& oids) {
  std::string message = "T" + big_endian(oids.size(), 4) + big_endian(0, 1);
  for (const auto oid : oids) message += big_endian(oid, 4);
  return message;
}

/// An update that changes the key.
inline std::string change_key(int from, int to, std::string_view status) {
  const std::string row = insert(to, status).substr(5);  // behind the relation: 'N' and the row
  const std::string old = std::to_string(from);
  return "U" + big_endian(kTable, 4) + "K" + big_endian(2, 2) + "t" + big_endian(old.size(), 4) +
         old + "n" + row;
}

}  // namespace walpulse::connector::testing
