// Orphans on a real database: found, told of once, never touched.

#include "core/instance/orphan_sweep.hpp"

#include "core/instance/limits.hpp"

#include "support/provisioning_fixture.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

class OrphanSweepTest : public ProvisioningTest {
protected:
    OrphanReport sweep() {
        const auto report = OrphanSweep({.database = db_.database(),
                                         .plugins = directory_,
                                         .clock = clock_,
                                         .ids = ids_,
                                         .log = log_})
                                .run_once();
        EXPECT_TRUE(report.has_value()) << report.error().detail;
        return *report;
    }
    // A server that nobody here asked for.
    std::string make_by_hand(const std::string& key) {
        const auto opened = provider_->open(
            {.key = {key}, .instance = {}, .order = {}, .name = "by-hand", .spec = {}});
        return std::get<InstanceView>(*opened).provider_instance_id;
    }
    std::vector<Orphan> listed() { return service().list_orphans(admin_, {})->items; }
    std::string told() {
        return db_.value(
                   "SELECT count(*) FROM events WHERE payload->>'template' = "
                   "'server.orphaned'") +
               db_.value("SELECT count(*) FROM operation_logs WHERE action = 'server.orphaned'");
    }
};

TEST_F(OrphanSweepTest, a_server_of_ours_is_none) {
    provision_until_done();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(sweep().providers_swept, 1);
        clock_.advance(30min);
    }
    EXPECT_TRUE(listed().empty());
    EXPECT_EQ(told(), "00");
}

TEST_F(OrphanSweepTest, one_that_no_instance_knows_is_told_of_once_and_left_alone) {
    const auto server = make_by_hand("a key of somebody else");
    EXPECT_EQ(sweep().orphans_told, 0) << "an opening may be under way";
    EXPECT_TRUE(listed().empty());
    clock_.advance(30min);
    EXPECT_EQ(sweep().orphans_told, 1);
    EXPECT_EQ(told(), "11");
    const auto orphans = listed();
    ASSERT_EQ(orphans.size(), 1U);
    EXPECT_EQ(orphans[0].provider_instance_id, server);
    EXPECT_EQ(orphans[0].provider_id, provider_->id());
    EXPECT_EQ(orphans[0].state, ProviderState::running);
    clock_.advance(30min);
    EXPECT_EQ(sweep().orphans_told, 0);
    EXPECT_EQ(told(), "11");
    EXPECT_EQ(provider_->state_of(server), ProviderState::running);
    EXPECT_EQ(provider_->commands_seen(InstanceCommand::terminate), 0);

    // People have dealt with it.
    provider_->set_state(server, ProviderState::gone);
    clock_.advance(30min);
    sweep();
    EXPECT_TRUE(listed().empty());
}

// Its id was never learned, but it carries the key of an opening that goes on.
TEST_F(OrphanSweepTest, one_whose_opening_is_under_way_is_none) {
    provider_->on_open(BadDay::lose_answer);
    EXPECT_TRUE(provisioning(no_faults_, db_.database()).handle(event()).has_error());
    ASSERT_EQ(db_.value("SELECT provider_instance_id FROM instances"), "");
    for (int i = 0; i < 2; ++i) {
        sweep();
        clock_.advance(30min);
    }
    EXPECT_TRUE(listed().empty());
}

TEST_F(OrphanSweepTest, one_whose_instance_has_ended_is_one_and_names_it) {
    provision_until_done();
    const auto id = instance_id();
    db_.run("UPDATE instances SET desired_status = 'terminated', status = 'terminated'");
    for (int i = 0; i < 2; ++i) {
        sweep();
        clock_.advance(30min);
    }
    const auto orphans = listed();
    ASSERT_EQ(orphans.size(), 1U);
    EXPECT_EQ(orphans[0].opened_for, id);
}

TEST_F(OrphanSweepTest, a_provider_that_does_not_answer_stops_no_other_and_forgets_nothing) {
    make_by_hand("x");
    sweep();
    const auto other = std::make_shared<test::ScriptedProvider>("other");
    directory_.add(std::static_pointer_cast<Provider>(other));
    ASSERT_TRUE(other->open({.key = {"y"}, .instance = {}, .order = {}, .name = "y", .spec = {}})
                    .has_value());
    provider_->set_reachable(false);
    clock_.advance(30min);
    auto report = sweep();
    EXPECT_EQ(report.failed, 1);
    EXPECT_EQ(report.providers_swept, 1);
    provider_->set_reachable(true);
    clock_.advance(30min);
    report = sweep();
    EXPECT_EQ(report.orphans_told, 2);
    EXPECT_EQ(listed().size(), 2U);

    // What cannot list is not asked.
    other->remove_capability(ProviderCapability::list);
    EXPECT_EQ(sweep().providers_swept, 1);
    EXPECT_EQ(listed().size(), 1U);
}

}  // namespace
}  // namespace rb::core
