// What goes after its retention, and what never goes, on a real database.

#include "core/housekeeping/housekeeping.hpp"

#include "core/housekeeping/retention.hpp"

#include "support/fake_ports.hpp"
#include "support/identity_fixture.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

using namespace std::chrono_literals;

class HousekeepingTest : public testing::Test, protected test::IdentityFixture {
protected:
    HousekeepingReport sweep(int rows = retention::rows_per_batch) {
        const auto report =
            Housekeeping({.database = db.database(), .clock = clock, .log = log_}).run_once(rows);
        EXPECT_TRUE(report.has_value()) << report.error().detail;
        return *report;
    }
    std::string count(const std::string& from) { return db.value("SELECT count(*) FROM " + from); }
    // "before" as SQL.
    std::string ago(std::chrono::seconds before) {
        const auto then = clock.now() - before;
        return "to_timestamp(" + std::to_string(then.time_since_epoch().count()) + " / 1000000.0)";
    }
    void insert_callback(const std::string& outcome, bool is_verified, std::chrono::hours age) {
        db.run(
            "INSERT INTO gateway_callbacks (id, gateway_id, method, path, query, headers, body, "
            "received_at, outcome, is_verified) VALUES (gen_random_uuid(), 'gateway-x', 'POST', "
            "'/', '', '{}', '', " +
            ago(age) + ", '" + outcome + "', " + (is_verified ? "true" : "false") + ")");
    }
    test::RememberingLog log_;
};

TEST_F(HousekeepingTest, sessions_go_a_while_after_their_end_and_not_before) {
    admin("boss");
    const auto token = admin_signed_in("boss").session_token;
    const auto ends =
        *db.database().read().value()->credentials().find_session(digester.sha256(token));
    const auto end = ends->session.absolute_expires_at;
    clock.set(end + retention::sessions);
    const auto later = admin_signed_in("boss").session_token;
    EXPECT_EQ(sweep().sessions, 0);
    clock.advance(1s);
    EXPECT_EQ(sweep().sessions, 1);
    EXPECT_EQ(count("sessions"), "1");
    EXPECT_TRUE(authenticator.by_session(later, {}).has_value());
}

// The oldest spent token of a family in use is as good a sign of theft as the newest.
TEST_F(HousekeepingTest, a_spent_token_stays_as_long_as_its_family_lives) {
    customer("alice");
    const auto first = signed_in("alice").refresh_token;
    auto newest = first;
    for (int month = 0; month < 24; ++month) {
        clock.advance(std::chrono::days(20));
        const auto refreshed = sign_ins.refresh(newest);
        ASSERT_TRUE(refreshed.has_value());
        newest = refreshed->refresh_token;
        EXPECT_EQ(sweep().refresh_tokens, 0);
    }
    EXPECT_EQ(count("refresh_tokens"), "25");
    EXPECT_TRUE(sign_ins.refresh(first).has_error());
    EXPECT_TRUE(sign_ins.refresh(newest).has_error()) << "the family was not revoked";
}

TEST_F(HousekeepingTest, a_family_goes_a_while_after_its_last_token_has_expired) {
    customer("alice");
    customer("bob");
    auto token = signed_in("alice").refresh_token;
    clock.advance(std::chrono::days(29));
    token = sign_ins.refresh(token)->refresh_token;
    const auto end = clock.now() + limits::refresh_token_lifetime;
    clock.set(end + retention::refresh_token_families);
    EXPECT_EQ(sweep().refresh_tokens, 0);
    signed_in("bob");
    clock.advance(1s);
    EXPECT_EQ(sweep().refresh_tokens, 2);
    EXPECT_EQ(count("refresh_tokens"), "1");
}

TEST_F(HousekeepingTest, a_long_family_goes_batch_by_batch_its_newest_token_last) {
    customer("alice");
    auto token = signed_in("alice").refresh_token;
    for (int day = 0; day < 6; ++day) {
        clock.advance(std::chrono::days(1));
        token = sign_ins.refresh(token)->refresh_token;
    }
    clock.advance(limits::refresh_token_lifetime + retention::refresh_token_families + 1s);
    for (const auto* left : {"5", "3", "1"}) {
        const auto report = sweep(2);
        EXPECT_EQ(report.refresh_tokens, 2);
        EXPECT_TRUE(report.has_more);
        EXPECT_EQ(count("refresh_tokens"), left);
        EXPECT_EQ(count("refresh_tokens WHERE used_at IS NULL"), "1");
    }
    const auto last = sweep(2);
    EXPECT_EQ(last.refresh_tokens, 1);
    EXPECT_FALSE(last.has_more);
}

// To a server whose clock is behind ours it may be good yet, and must not be good twice.
TEST_F(HousekeepingTest, challenges_of_passkeys_go_when_no_server_takes_them_any_more) {
    const auto insert = [&](const char* hash, std::chrono::seconds expired_before) {
        db.run("INSERT INTO spent_passkey_challenges VALUES (sha256('" + std::string(hash) +
               "'), " + ago(expired_before) + ")");
    };
    insert("over", retention::passkey_challenges + 1s);
    insert("over here", 1s);
    insert("not yet", retention::passkey_challenges);
    EXPECT_EQ(sweep().passkey_challenges, 1);
    EXPECT_EQ(count("spent_passkey_challenges"), "2");
}

TEST_F(HousekeepingTest, codes_go_a_day_after_they_expired) {
    const auto insert = [&](std::chrono::seconds expired_before) {
        db.run(
            "INSERT INTO verification_codes (id, email, purpose, code_hash, created_at, "
            "expires_at) VALUES (gen_random_uuid(), 'a@example.com', 'registration', '\\x00', " +
            ago(expired_before) + ", " + ago(expired_before) + ")");
    };
    insert(retention::verification_codes);
    insert(retention::verification_codes + 1s);
    insert(-5min);
    EXPECT_EQ(sweep().verification_codes, 1);
    EXPECT_EQ(count("verification_codes"), "2");
}

TEST_F(HousekeepingTest, of_callbacks_only_old_forged_ones_go) {
    constexpr std::chrono::hours old = retention::rejected_callbacks + 1h;
    constexpr std::chrono::hours years{24 * 365 * 9};
    insert_callback("rejected", false, old);
    insert_callback("rejected", false, retention::rejected_callbacks - 1h);
    for (const auto* outcome : {"received", "applied", "duplicate", "ignored", "rejected"}) {
        insert_callback(outcome, true, years);
        if (std::string_view(outcome) != "rejected") insert_callback(outcome, false, years);
    }
    EXPECT_EQ(sweep().rejected_callbacks, 1);
    EXPECT_EQ(count("gateway_callbacks"), "10");
    EXPECT_EQ(count("gateway_callbacks WHERE outcome = 'rejected' AND NOT is_verified"), "1");
}

TEST_F(HousekeepingTest, the_database_itself_keeps_callbacks_that_are_evidence) {
    insert_callback("applied", true, 1h);
    insert_callback("rejected", true, 1h);
    auto connection = store_pg::Connection::open(db.connection_options());
    ASSERT_TRUE(connection.has_value());
    for (const auto* outcome : {"applied", "rejected"}) {
        EXPECT_TRUE(connection
                        ->run_script("DELETE FROM gateway_callbacks WHERE outcome = '" +
                                     std::string(outcome) + "'")
                        .has_error());
    }
    EXPECT_EQ(count("gateway_callbacks"), "2");
}

TEST_F(HousekeepingTest, notices_go_after_half_a_year) {
    const auto insert = [&](std::chrono::seconds age) {
        db.run(
            "INSERT INTO notifications (id, template, subject_id, recipient, status, created_at) "
            "VALUES (gen_random_uuid(), 't', gen_random_uuid(), 'a', 'sent', " +
            ago(age) + ")");
    };
    insert(retention::notifications + 1s);
    insert(retention::notifications - 1s);
    EXPECT_EQ(sweep().notifications, 1);
    EXPECT_EQ(count("notifications"), "1");
}

TEST_F(HousekeepingTest, says_what_it_removed_when_it_removed_something) {
    sweep();
    EXPECT_EQ(log_.count(LogLevel::info), 0);
    insert_callback("rejected", false, retention::rejected_callbacks + 1h);
    sweep();
    EXPECT_EQ(log_.count(LogLevel::info), 1);
    EXPECT_NE(log_.text().find("rejected_callbacks=1"), std::string::npos) << log_.text();
}

TEST_F(HousekeepingTest, one_kind_that_fails_stops_no_other) {
    insert_callback("rejected", false, retention::rejected_callbacks + 1h);
    db.run("ALTER TABLE sessions RENAME TO sessions_away");
    EXPECT_TRUE(Housekeeping({.database = db.database(), .clock = clock, .log = log_})
                    .run_once(10)
                    .has_error());
    EXPECT_EQ(count("gateway_callbacks"), "0");
}

}  // namespace
}  // namespace rb::core
