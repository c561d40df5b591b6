#include "core/ticket/ticket_service.hpp"

#include "support/identity_fixture.hpp"

#include <gtest/gtest.h>

#include <barrier>
#include <thread>
#include <vector>

namespace rb::core {
namespace {

class TicketServiceTest : public testing::Test, protected test::IdentityFixture {
protected:
    TicketServiceTest() {
        customer("alice");
        customer("bob");
        alice = customer_actor("alice");
        bob = customer_actor("bob");
        boss_user = admin("boss").id;
        boss = admin_actor("boss");
        db.run("DELETE FROM events");
    }
    Ticket opened() {
        auto ticket = tickets.create(alice, {.title = "Disk full", .description = "help"});
        EXPECT_TRUE(ticket.has_value());
        return *ticket;
    }
    std::string notices() {
        return db.value("SELECT string_agg(payload ->> 'template', ' ' ORDER BY id) FROM events");
    }

    TicketService tickets{db.database(), clock, ids};
    Actor alice;
    Actor bob;
    Actor boss;
    UserId boss_user;
};

TEST_F(TicketServiceTest, belongs_to_the_customer_who_opened_it) {
    const auto ticket = opened();
    EXPECT_EQ(ticket.customer, alice.customer);
    EXPECT_EQ(ticket.creator, alice.user);
    EXPECT_EQ(ticket.status, TicketStatus::pending);
    EXPECT_EQ(ticket.priority, TicketPriority::medium);
    EXPECT_EQ(notices(), "ticket.created");
}

TEST_F(TicketServiceTest, does_not_exist_for_another_customer) {
    const auto id = opened().id;
    EXPECT_EQ(tickets.get(bob, id).error().code, ErrorCode::not_found);
    EXPECT_EQ(tickets.reply(bob, id, "hi", false).error().code, ErrorCode::not_found);
    EXPECT_EQ(tickets.create(bob, {.customer = alice.customer, .title = "x"}).error().code,
              ErrorCode::not_found);
    EXPECT_EQ(tickets.list(bob, {}, {})->total, 0u);
    EXPECT_EQ(tickets.list(bob, {.customer = alice.customer}, {})->total, 0u);
    EXPECT_EQ(tickets.list(alice, {}, {})->total, 1u);
    EXPECT_EQ(tickets.list(boss, {.customer = alice.customer}, {})->total, 1u);
    EXPECT_EQ(tickets.update(alice, id, {.status = "closed"}).error().code, ErrorCode::not_found);
}

TEST_F(TicketServiceTest, are_opened_at_a_bounded_pace) {
    for (std::size_t i = 2; i < limits::tickets_opened_max; ++i) opened();
    // Eight at once for the last two, each with a connection that is open already.
    std::barrier start(8);
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 8; ++caller) {
        callers.emplace_back([&] {
            auto connected = db.database().read();
            start.arrive_and_wait();
            connected->reset();
            (void)tickets.create(alice, {.title = "at once"});
        });
    }
    for (auto& caller : callers) caller.join();
    EXPECT_EQ(tickets.list(alice, {}, {})->total, limits::tickets_opened_max);
    EXPECT_EQ(tickets.create(alice, {.title = "one more"}).error().code,
              ErrorCode::too_many_requests);
    EXPECT_EQ(db.value("SELECT count(*) FROM events"), std::to_string(limits::tickets_opened_max));
    EXPECT_TRUE(tickets.create(bob, {.title = "mine"}).has_value());
    EXPECT_TRUE(tickets.create(boss, {.customer = alice.customer, .title = "for him"}).has_value());
    clock.advance(limits::tickets_opened_window + std::chrono::seconds(1));
    EXPECT_TRUE(tickets.create(alice, {.title = "the next day"}).has_value());
}

TEST_F(TicketServiceTest, never_shows_internal_notes_to_the_customer) {
    const auto id = opened().id;
    ASSERT_TRUE(tickets.reply(boss, id, "secret: he always says that", true).has_value());
    ASSERT_TRUE(tickets.reply(boss, id, "We look into it", false).has_value());
    const auto seen = tickets.get(alice, id);
    ASSERT_EQ(seen->replies.size(), 1u);
    EXPECT_EQ(seen->replies[0].content, "We look into it");
    EXPECT_EQ(tickets.get(boss, id)->replies.size(), 2u);
    // Nor by mail.
    EXPECT_EQ(db.value("SELECT count(*) FROM events WHERE payload::text LIKE '%secret%'"), "0");
    EXPECT_EQ(tickets.reply(alice, id, "x", true).error().field, "is_internal");
}

TEST_F(TicketServiceTest, moves_on_with_the_conversation) {
    const auto id = opened().id;
    const auto status = [&] { return tickets.get(boss, id)->ticket.status; };
    ASSERT_TRUE(tickets.reply(boss, id, "a note", true).has_value());
    EXPECT_EQ(status(), TicketStatus::pending);
    ASSERT_TRUE(tickets.reply(boss, id, "hello", false).has_value());
    EXPECT_EQ(status(), TicketStatus::processing);
    ASSERT_TRUE(tickets.update(boss, id, {.status = "closed"}).has_value());
    ASSERT_TRUE(tickets.reply(boss, id, "by the way", false).has_value());
    EXPECT_EQ(status(), TicketStatus::closed);
    ASSERT_TRUE(tickets.reply(alice, id, "still broken", false).has_value());
    EXPECT_EQ(status(), TicketStatus::processing);
    EXPECT_EQ(tickets.update(boss, id, {.status = "pending"}).error().code,
              ErrorCode::illegal_transition);
}

TEST_F(TicketServiceTest, tells_the_old_and_the_new_assignee) {
    const auto id = opened().id;
    const auto other = admin("clerk", "support").id;
    db.run("DELETE FROM events");
    ASSERT_TRUE(tickets.update(boss, id, {.assignee_user_id = boss_user.to_string()}).has_value());
    EXPECT_EQ(notices(), "ticket.assigned");
    db.run("DELETE FROM events");
    clock.advance(std::chrono::seconds(1));
    ASSERT_TRUE(tickets.update(boss, id, {.assignee_user_id = other.to_string()}).has_value());
    EXPECT_EQ(notices(), "ticket.unassigned ticket.assigned");
    db.run("DELETE FROM events");
    clock.advance(std::chrono::seconds(1));
    const auto freed = tickets.update(boss, id, {.assignee_user_id = ""});
    EXPECT_EQ(freed->assignee, std::nullopt);
    EXPECT_EQ(notices(), "ticket.unassigned");
    // Nothing changed, nobody told.
    db.run("DELETE FROM events");
    ASSERT_TRUE(tickets.update(boss, id, {.assignee_user_id = ""}).has_value());
    EXPECT_EQ(notices(), "");
}

TEST_F(TicketServiceTest, is_assigned_to_active_administrators_only) {
    const auto id = opened().id;
    EXPECT_EQ(tickets.update(boss, id, {.assignee_user_id = alice.user.to_string()}).error().field,
              "assignee_user_id");
    EXPECT_EQ(tickets.update(boss, id, {.assignee_user_id = "boss"}).error().field,
              "assignee_user_id");
    db.run("UPDATE users SET is_active = false WHERE username = 'boss'");
    EXPECT_EQ(tickets.update(boss, id, {.assignee_user_id = boss_user.to_string()}).error().field,
              "assignee_user_id");
}

TEST_F(TicketServiceTest, names_the_field_that_breaks_its_rule) {
    EXPECT_EQ(tickets.create(alice, {.title = " "}).error().field, "title");
    EXPECT_TRUE(tickets.create(alice, {.title = std::string(200, 't')}).has_value());
    EXPECT_EQ(tickets.create(alice, {.title = std::string(201, 't')}).error().field, "title");
    EXPECT_EQ(tickets.create(alice, {.title = "t", .description = std::string(20'001, 'd')})
                  .error()
                  .field,
              "description");
    EXPECT_EQ(tickets.create(alice, {.title = "t", .priority = "now"}).error().field, "priority");
    EXPECT_EQ(tickets.create(boss, {.title = "t"}).error().field, "customer_id");
    EXPECT_EQ(tickets.list(alice, {.status = "open"}, {}).error().field, "status");
    const auto id = opened().id;
    EXPECT_EQ(tickets.reply(alice, id, "", false).error().field, "content");
    EXPECT_TRUE(tickets.reply(alice, id, std::string(20'000, 'c'), false).has_value());
    EXPECT_EQ(tickets.reply(alice, id, std::string(20'001, 'c'), false).error().field, "content");
}

TEST_F(TicketServiceTest, takes_no_reply_past_its_limit) {
    const auto id = opened().id.to_string();
    db.run(
        "INSERT INTO ticket_replies (id, ticket_id, customer_id, content) SELECT "
        "gen_random_uuid(), '" +
        id + "', '" + alice.customer.to_string() + "', 'x' FROM generate_series(1, 499)");
    EXPECT_TRUE(tickets.reply(alice, *TicketId::parse(id, "id"), "the last", false).has_value());
    EXPECT_EQ(tickets.reply(alice, *TicketId::parse(id, "id"), "one more", false).error().code,
              ErrorCode::failed_precondition);
}

TEST_F(TicketServiceTest, logs_what_administrators_do) {
    const auto id = opened().id;
    ASSERT_TRUE(tickets.update(boss, id, {.priority = "urgent"}).has_value());
    EXPECT_EQ(db.value("SELECT changes -> 'priority' ->> 'after' FROM operation_logs "
                       "WHERE action = 'ticket.update'"),
              "urgent");
}

}  // namespace
}  // namespace rb::core
