#include "server/handlers/order/server_spec.hpp"

#include <gtest/gtest.h>

namespace rb::server {
namespace {

using rustbill::order::ServerSpec;

TEST(ServerSpec, fields_and_extra_specs_become_one_map_and_back) {
    ServerSpec message;
    message.set_cpu_cores(2);
    message.set_region("hk");
    (*message.mutable_extra_specs())["nat_ports"] = "10";
    const auto spec = spec_of(message);
    ASSERT_FALSE(spec.has_error());
    EXPECT_EQ(*spec, (core::StringMap{{"cpu_cores", "2"}, {"nat_ports", "10"}, {"region", "hk"}}));

    ServerSpec back;
    fill_server_spec(*spec, back);
    EXPECT_EQ(back.SerializeAsString(), message.SerializeAsString());
}

TEST(ServerSpec, a_key_that_contradicts_its_field_is_refused) {
    ServerSpec message;
    message.set_cpu_cores(2);
    (*message.mutable_extra_specs())["cpu_cores"] = "2";
    EXPECT_FALSE(spec_of(message).has_error());
    (*message.mutable_extra_specs())["cpu_cores"] = "64";
    EXPECT_EQ(spec_of(message).error().field, "server_spec.extra_specs");
}

TEST(ServerSpec, a_value_that_does_not_fit_its_field_is_not_lost) {
    ServerSpec message;
    fill_server_spec({{"cpu_cores", "many"}, {"memory_gb", "99999999999"}}, message);
    EXPECT_EQ(message.cpu_cores(), 0U);
    EXPECT_EQ(message.extra_specs().at("cpu_cores"), "many");
    EXPECT_EQ(message.extra_specs().at("memory_gb"), "99999999999");
}

}  // namespace
}  // namespace rb::server
