#include "core/customer/customer_service.hpp"

#include "support/identity_fixture.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

class CustomerServiceTest : public testing::Test, protected test::IdentityFixture {
protected:
    CustomerService customers{db.database(), clock, ids};
    Actor boss{.kind = ActorKind::admin, .user = UserId(ids.next())};

    Customer made(const NewCustomer& request = {.name = "Acme"}) {
        auto created = customers.create(boss, request);
        EXPECT_TRUE(created.has_value()) << (created.has_error() ? created.error().message : "");
        return *created;
    }
};

TEST_F(CustomerServiceTest, keeps_what_it_was_given) {
    const auto created = made({.name = " Acme ",
                               .contact = "Ann",
                               .email = "ann@acme.example",
                               .phone = "+86 10",
                               .credit_limit = "100.5",
                               .currency = "USD"});
    const auto found = customers.get(boss, created.id);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->name, "Acme");
    EXPECT_EQ(found->contact, "Ann");
    EXPECT_EQ(found->credit_limit.to_string(), "100.50");
    EXPECT_EQ(found->currency.code(), "USD");
    EXPECT_EQ(found->balance.to_string(), "0.00");
    EXPECT_FALSE(found->can_create_api_keys);
    EXPECT_TRUE(found->is_active);
}

TEST_F(CustomerServiceTest, changes_what_is_named_and_logs_it_in_the_same_commit) {
    const auto id = made().id;
    const auto changed =
        customers.update(boss, id, {.credit_limit = "50", .can_create_api_keys = true});
    ASSERT_TRUE(changed.has_value());
    EXPECT_EQ(changed->name, "Acme");
    EXPECT_EQ(changed->credit_limit.to_string(), "50.00");
    EXPECT_EQ(db.value("SELECT changes -> 'credit_limit' ->> 'before' || '→' || "
                       "(changes -> 'credit_limit' ->> 'after') || ' ' || (changes -> "
                       "'can_create_api_keys' ->> 'after') FROM operation_logs "
                       "WHERE action = 'customer.update'"),
              "0.00→50.00 yes");
    // What changes nothing is not logged.
    ASSERT_TRUE(customers.update(boss, id, {.name = "Acme"}).has_value());
    EXPECT_EQ(db.value("SELECT count(*) FROM operation_logs"), "2");
}

TEST_F(CustomerServiceTest, lets_no_credit_limit_below_the_debt) {
    const auto id = made({.name = "Acme", .credit_limit = "100"}).id;
    db.run("UPDATE customers SET balance = -80");
    EXPECT_TRUE(customers.update(boss, id, {.credit_limit = "80"}).has_value());
    const auto refused = customers.update(boss, id, {.credit_limit = "79.99"});
    EXPECT_EQ(refused.error().code, ErrorCode::failed_precondition);
    EXPECT_EQ(refused.error().field, "credit_limit");
}

// Together they are more than Money holds, which would end the process.
TEST_F(CustomerServiceTest, takes_the_largest_credit_limit_beside_any_balance) {
    const auto id = made({.name = "Acme", .credit_limit = "9999999999.99"}).id;
    db.run("UPDATE customers SET balance = 9999999999.99");
    const auto renamed = customers.update(boss, id, {.name = "Acme Ltd"});
    ASSERT_TRUE(renamed.has_value());
    EXPECT_EQ(renamed->name, "Acme Ltd");
    EXPECT_EQ(renamed->credit_limit.to_string(), "9999999999.99");
}

TEST_F(CustomerServiceTest, names_the_field_that_breaks_its_rule) {
    EXPECT_EQ(customers.create(boss, {.name = " "}).error().field, "name");
    EXPECT_EQ(customers.create(boss, {.name = std::string(201, 'a')}).error().field, "name");
    EXPECT_EQ(customers.create(boss, {.name = "a", .email = "x"}).error().field, "email");
    EXPECT_EQ(customers.create(boss, {.name = "a", .currency = "yuan"}).error().field, "currency");
    EXPECT_EQ(customers.create(boss, {.name = "a", .credit_limit = "-1"}).error().field,
              "credit_limit");
    EXPECT_EQ(customers.create(boss, {.name = "a", .credit_limit = "1.001"}).error().field,
              "credit_limit");
    EXPECT_EQ(customers.get(boss, CustomerId(ids.next())).error().code, ErrorCode::not_found);
    EXPECT_EQ(customers.update(boss, CustomerId(ids.next()), {}).error().code,
              ErrorCode::not_found);
}

TEST_F(CustomerServiceTest, does_not_show_one_customer_to_another) {
    const auto id = made().id;
    const Actor stranger{.kind = ActorKind::customer, .customer = CustomerId(ids.next())};
    EXPECT_EQ(customers.get(stranger, id).error().code, ErrorCode::not_found);
    EXPECT_TRUE(customers.get({.kind = ActorKind::customer, .customer = id}, id).has_value());
}

// Letters that LIKE would take for patterns are letters.
TEST_F(CustomerServiceTest, finds_by_any_text_and_takes_it_literally) {
    made({.name = "100% Cloud"});
    made({.name = "Cloud_9", .email = "nine@example.com"});
    made({.name = "云端"});
    const auto count = [&](const char* search) { return customers.list(search, {})->total; };
    EXPECT_EQ(count(""), 3u);
    EXPECT_EQ(count("cloud"), 2u);
    EXPECT_EQ(count("0%"), 1u);
    EXPECT_EQ(count("d_9"), 1u);
    EXPECT_EQ(count("NINE@"), 1u);
    EXPECT_EQ(count("云"), 1u);
    EXPECT_EQ(count("\\"), 0u);
    EXPECT_EQ(customers.list(std::string(101, 'a'), {}).error().field, "search");
}

}  // namespace
}  // namespace rb::core
