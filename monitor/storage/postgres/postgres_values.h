#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace walpulse::monitor {

/// Many values of one type as one parameter (`$1::bigint[]`), in the server's binary format:
///
///   dimensions (0 where empty, else 1), has nulls, type OID, length, lower bound (1),
///   then for each value its length (-1: null) and its bytes; all integers big-endian, 4 bytes.
class PostgresArray {
 public:
  enum class Type : std::uint32_t { boolean = 16, bytes = 17, number = 20, text = 25 };
  explicit PostgresArray(Type type);

  PostgresArray& add_flag(bool value);
  PostgresArray& add(std::int64_t value);
  PostgresArray& add(std::string_view value);
  PostgresArray& add_null();
  bool empty() const { return length_ == 0; }
  std::string encoded() const;

 private:
  PostgresArray& add_value(std::string_view bytes);

  const Type type_;
  std::uint32_t length_ = 0;
  bool has_nulls_ = false;
  std::string values_;
};

/// The values of one statement, in the order of $1, $2, ... and in the server's binary formats, so
/// that nothing is quoted and bytes stay bytes.
class PostgresValues {
 public:
  PostgresValues& number(std::int64_t value);  ///< bigint, pg_lsn
  PostgresValues& flag(bool value);
  PostgresValues& bytes(std::string_view value);  ///< bytea, text
  PostgresValues& array(const PostgresArray& value);
  const std::vector<std::string>& encoded() const { return encoded_; }

 private:
  std::vector<std::string> encoded_;
};

/// bytea's output, "\xdeadbeef"; empty where it does not read.
std::string bytes_of_hex(std::string_view text);

}  // namespace walpulse::monitor
