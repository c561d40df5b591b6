// The commands. Each prints what it found to `out` and gives the exit code; an Error is printed by
// the caller and becomes exit_failed.

#pragma once

#include "base/result.hpp"

#include "cli/backend.hpp"
#include "cli/report.hpp"

#include <iosfwd>
#include <optional>
#include <string>

namespace rb::cli {

inline constexpr int exit_ok = 0;
// The question was answered, and the answer is bad: the books do not balance, the schema is not
// ours.
inline constexpr int exit_bad_news = 1;
// The question could not be answered: wrong use, wrong configuration, no database.
inline constexpr int exit_failed = 2;

struct UserListOptions {
    // `admin` or `customer`; nothing: both.
    std::optional<std::string> type = {};
};
Result<int> run_user_list(Backend& backend, const UserListOptions& options, std::ostream& out,
                          Format format);

struct UserCreateOptions {
    std::string username;
    std::string password;
    std::string role = "admin";
    std::string email = {};
    std::string display_name = {};
};
Result<int> run_user_create(Backend& backend, const UserCreateOptions& options, std::ostream& out,
                            Format format);

struct UserPasswordOptions {
    std::string username;
    // `admin` or `customer`.
    std::string type = "admin";
    std::string password = {};
};
// Of somebody who has lost his.
Result<int> run_user_password(Backend& backend, const UserPasswordOptions& options,
                              std::ostream& out, Format format);

struct FactorsClearOptions {
    std::string username;
    // `admin` or `customer`.
    std::string type = "admin";
};
// Of somebody who has lost his.
Result<int> run_factors_clear(Backend& backend, const FactorsClearOptions& options,
                              std::ostream& out, Format format);
// Of administrators; `setting` is `on` or `off`.
Result<int> run_factors_require(Backend& backend, const std::string& setting, std::ostream& out,
                                Format format);

// Definitions, and the interfaces made of them.
Result<int> run_plugin_list(Backend& backend, std::ostream& out, Format format);

// Every migration of this binary and of the database, side by side. Bad news: they differ.
Result<int> run_db_status(Backend& backend, std::ostream& out, Format format);

// Bad news: a row is wrong; it is named with the reason.
Result<int> run_ledger_verify(Backend& backend, std::ostream& out, Format format);

}  // namespace rb::cli
