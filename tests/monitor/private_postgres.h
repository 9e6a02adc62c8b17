#pragma once

#include <string>

namespace walpulse::monitor::testing {

/// A PostgreSQL server of this test program's own, mostly the one instance() that is started at
/// first use, and gone with the program, however that ends. Throws, with the remedy, where no
/// server can be had: nothing is skipped.
class PrivatePostgres {
 public:
  static PrivatePostgres& instance();
  PrivatePostgres();
  ~PrivatePostgres();

  /// As its superuser.
  std::string dsn(const std::string& user = "postgres") const;
  const std::string& folder() const { return folder_; }
  /// A name that no other test of this program has.
  std::string fresh_schema();
  /// Statements, as the superuser.
  void execute(const std::string& sql);
  /// What a statement returns, in its first row and column.
  std::string ask(const std::string& sql);

  PrivatePostgres(const PrivatePostgres&) = delete;
  PrivatePostgres& operator=(const PrivatePostgres&) = delete;

 private:
  void initialize(const std::string& programs);
  void start(const std::string& programs);

  std::string folder_;
  int server_ = 0;   ///< The postmaster, our child.
  int sweeper_ = 0;  ///< Removes the folder where nobody is left to do it.
  int sweepers_signal_ = -1;
  int schemas_ = 0;
};

}  // namespace walpulse::monitor::testing
