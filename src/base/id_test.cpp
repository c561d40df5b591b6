#include "base/id.hpp"

#include <gtest/gtest.h>

namespace rb {
namespace {

using OrderId = Id<struct OrderTag>;

TEST(Uuid, reads_back_what_it_writes) {
    const std::string text = "018f4e2a-7b1c-7d3e-8f90-0123456789ab";
    EXPECT_EQ(Uuid::parse(text)->to_string(), text);
    EXPECT_EQ(Uuid::parse("018F4E2A-7B1C-7D3E-8F90-0123456789AB")->to_string(), text);
}

TEST(Uuid, refuses_everything_that_is_not_the_canonical_form) {
    for (const auto* text :
         {"", "018f4e2a", "018f4e2a7b1c7d3e8f900123456789ab0000",
          "018f4e2a-7b1c-7d3e-8f90-0123456789ag", "018f4e2a-7b1c-7d3e-8f90-0123456789ab "}) {
        EXPECT_TRUE(Uuid::parse(text).has_error()) << text;
    }
    const std::string good = "018f4e2a-7b1c-7d3e-8f90-0123456789ab";
    for (std::size_t place = 0; place < good.size(); ++place) {
        for (const char wrong : {'g', 'G', '/', ':', '@', '`', '\0', '\xb7'}) {
            auto text = good;
            text[place] = wrong;
            EXPECT_TRUE(Uuid::parse(text).has_error()) << text;
        }
        auto text = good;
        text[place] = text[place] == '-' ? '0' : '-';
        EXPECT_TRUE(Uuid::parse(text).has_error()) << text;
    }
}

TEST(Id, names_the_input_it_could_not_read) {
    EXPECT_EQ(OrderId::parse("x", "order_id").error().message, "order_id: must be a UUID");
}

}  // namespace
}  // namespace rb
