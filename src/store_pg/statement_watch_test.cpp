#include "store_pg/statement_watch.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rb::store_pg {
namespace {

class KeptLog final : public core::Log {
public:
    [[nodiscard]] bool is_on(core::LogLevel, std::string_view) const override { return true; }
    void write(core::LogLevel level, std::string_view, std::string_view message,
               core::LogFields fields) override {
        std::string line(message);
        for (const auto& field : fields) {
            if (field.name != "elapsed_ms") line += " " + field.value;
        }
        lines.emplace_back(level, line);
    }
    std::vector<std::pair<core::LogLevel, std::string>> lines;
};

Result<int> succeed() {
    return 7;
}

TEST(StatementWatch, passes_the_outcome_on_and_says_nothing_of_what_was_quick) {
    KeptLog log;
    const StatementWatch watch(&log, std::chrono::hours(1));
    EXPECT_EQ(*watch.watch("find_order", succeed), 7);
    EXPECT_TRUE(log.lines.empty());
}

TEST(StatementWatch, warns_of_a_slow_statement_by_its_name) {
    KeptLog log;
    const StatementWatch watch(&log, std::chrono::milliseconds(1));
    const auto work = []() -> Result<int> {
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(2);
        while (std::chrono::steady_clock::now() < until) {
        }
        return 7;
    };
    EXPECT_EQ(*watch.watch("find_order", work), 7);
    ASSERT_EQ(log.lines.size(), 1U);
    EXPECT_EQ(log.lines[0].first, core::LogLevel::warn);
    EXPECT_EQ(log.lines[0].second, "slow statement find_order");
}

TEST(StatementWatch, zero_means_that_nothing_is_slow) {
    KeptLog log;
    const StatementWatch watch(&log, std::chrono::milliseconds(0));
    EXPECT_EQ(*watch.watch("find_order", succeed), 7);
    EXPECT_TRUE(log.lines.empty());
}

TEST(StatementWatch, notes_a_failure_without_its_values) {
    KeptLog log;
    const StatementWatch watch(&log, std::chrono::milliseconds(0));
    const auto work = []() -> Result<int> {
        return Error{ErrorCode::conflict, "m", {}, "Key (email)=(a@b.c)"};
    };
    EXPECT_TRUE(watch.watch("insert_user", work).has_error());
    ASSERT_EQ(log.lines.size(), 1U);
    EXPECT_EQ(log.lines[0].first, core::LogLevel::debug);
    EXPECT_EQ(log.lines[0].second, "statement failed insert_user conflict");
}

}  // namespace
}  // namespace rb::store_pg
